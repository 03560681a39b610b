import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Site, startSite } from './site.js';

const extension = fileURLToPath(new URL('../../extensions/admin/', import.meta.url));
const french = JSON.parse(await readFile(join(extension, 'locales/fr.json'), 'utf8')) as Record<string, string>;

describe('the pages of admin in French', () => {
  let b: Bench;
  let site: Site;
  beforeAll(async () => {
    b = await bench();
    await populate(b);
    await b.sql("update core_user set language = 'fr'");
    site = await startSite(b.host);
  });
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
    await b.host[Symbol.asyncDispose]();
  });

  it('have every sentence of pages, tabs and views', async () => {
    const missing: string[] = [];
    for (const folder of ['pages', 'tabs', 'views']) {
      for (const file of await readdir(join(extension, folder))) {
        const source = await readFile(join(extension, folder, file), 'utf8');
        for (const [, key] of source.matchAll(/(?<![\w.])(?:it\.)?t\(\s*'([^']*)'/g)) {
          if (key !== undefined && !(key in french)) missing.push(`${folder}/${file}: ${key}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  it('are shown to who reads French', async () => {
    const { text } = await (await site.as('admin')).get('/admin/domains/');
    expect(text).toContain('lang="fr"');
    for (const part of ['2 domaines', 'Ajouter un domaine', 'Activé', '50 Mo'])
      expect(text.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(part);
  });
});
