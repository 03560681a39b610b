import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const extension = fileURLToPath(new URL('../../extensions/admin/', import.meta.url));
const french = JSON.parse(await readFile(join(extension, 'locales/fr.json'), 'utf8')) as Record<string, string>;
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{\w+\}\}/g)].map(([name]) => name).toSorted();

describe('the French catalogue', () => {
  it('keeps the arguments of every sentence', () => {
    for (const [key, translation] of Object.entries(french)) {
      expect([key, placeholders(translation)]).toEqual([key, placeholders(key)]);
    }
  });

  it('has every sentence of the services, parameters, permissions and problems', async () => {
    const services = (await readdir(join(extension, 'services'))).map((file) => `services/${file}`);
    const missing: string[] = [];
    for (const file of [
      'index.ts',
      'problems.ts',
      'parameters.ts',
      'policy/permissions.ts',
      'policy/roles.ts',
      ...services,
    ]) {
      const source = await readFile(join(extension, file), 'utf8');
      const found = source.matchAll(
        /(?:(?<![\w.])t\(|(?:message|hint):|complaints\.add\([^,]+,|this\.add\(path,)\s*'([^']*)'/g,
      );
      for (const [, key] of found) if (key !== undefined && !(key in french)) missing.push(`${file}: ${key}`);
    }
    expect(missing).toEqual([]);
  });

  it('has a sentence for everything that can be wrong with a name or an address', async () => {
    const { ADDRESS_REASONS, DOMAIN_PART, NAME_REASONS } = await import('../../extensions/admin/addresses.js');
    const keys = [
      ...Object.values(NAME_REASONS).map((reason) => `"{{name}}" is not a domain name: ${reason}.`),
      ...Object.values(ADDRESS_REASONS).map((reason) => `"{{address}}" is not a mail address: ${reason}.`),
      ...Object.values(NAME_REASONS).map((reason) => `"{{address}}" is not a mail address: ${DOMAIN_PART}: ${reason}.`),
    ];
    expect(keys.filter((key) => !(key in french))).toEqual([]);
  });
});
