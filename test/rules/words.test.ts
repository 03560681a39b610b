import { describe, expect, it } from 'vitest';
import { projectFiles, read } from './source-files.js';

// The kernel knows no mail. `domain` is allowed where DNS or cookies are meant, and those lines say so.
const MAIL = /mailbox|\balias|_alias|domainalias|postfix|dovecot|dkim|quota|relay/i;
const DOMAIN = /domain/i;
const DOMAIN_MEANS_DNS = /dns|cookie|rfc 1123|hostname|unix.?domain/i;

const kernel = projectFiles().filter(
  (f) =>
    !f.endsWith('.test.ts') && /^(core|sdk)\/(src|views|assets|locales)\//.test(f) && /\.(ts|eta|css|json)$/.test(f),
);

describe('core and sdk know no mail', () => {
  it('looks at something', () => expect(kernel.length).toBeGreaterThan(50));

  it('has none of the words', () => {
    const found = kernel.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) =>
          MAIL.test(line) || (DOMAIN.test(line) && !DOMAIN_MEANS_DNS.test(line))
            ? [`${file}:${i + 1}: ${line.trim()}`]
            : [],
        ),
    );
    expect(found).toEqual([]);
  });
});
