/** The record of capabilities and the table of hooks say what is there: every test and every reference that they name. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, read, root } from './source-files.js';

const record = read('docs/decisions/0020-capabilities-of-extensions.md');
const hooks = read('docs/authors/hooks.md');

const rows = [...record.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \|(.*)\|$/gm)].map(([, number, , where, test]) => ({
  number: Number(number),
  where: where ?? '',
  test: (test ?? '').trim(),
}));

describe('the record of capabilities', () => {
  it('has each of the 64 once, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 64 }, (_, i) => i + 1));
  });

  it('names a test that exists for each that is there, and a reason for each that is not', () => {
    const wrong = rows.filter(({ where, test }) =>
      test === '' ? !/^(later: |no: )/.test(where) : !existsSync(join(root, test)),
    );
    expect(wrong).toEqual([]);
  });
});

it('references that documents name exist', () => {
  const contracts = projectFiles()
    .filter((file) => file.startsWith('sdk/src/') || /^extensions\/[^/]+\/contract/.test(file))
    .map(read)
    .join('\n');
  const named = new Set(
    [...`${record}${hooks}`.matchAll(/`((?:host|admin)\.[a-z-]+@\d+)`/g)].map(([, id]) => id ?? ''),
  );
  expect(named.size).toBeGreaterThan(30);
  expect([...named].filter((id) => !contracts.includes(`'${id}'`))).toEqual([]);
});
