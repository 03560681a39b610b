import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Site, startSite } from './site.js';

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

  it('are shown to who reads French', async () => {
    const { text } = await (await site.as('admin')).get('/admin/domains/');
    expect(text).toContain('lang="fr"');
    for (const part of ['2 domaines', 'Ajouter un domaine', 'Activé', '50 Mo'])
      expect(text.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(part);
  });

  it('count in the forms of the language', async () => {
    const admin = await site.as('admin');
    const one = await admin.get('/admin/domains/?q=test2');
    expect(one.text).toMatch(/<p class="ph-lead">1 domaine<\/p>/);
    const none = await admin.get('/admin/domains/?q=nowhere');
    expect(none.text).toMatch(/<p class="ph-lead">0 domaine<\/p>/);
  });

  it('say in French why something is refused, down to the reason', async () => {
    const admin = await site.as('admin');
    const page = await admin.get('/admin/domains/nowhere.test/');
    expect(page.status).toBe(404);
    for (const part of ['lang="fr"', 'Page introuvable', 'Il n’y a pas de domaine nowhere.test.', 'Menu principal'])
      expect(page.text).toContain(part);
  });
});
