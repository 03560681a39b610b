import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Answer, type Reader, type Site, startSite } from './site.js';

/** What a form holds, as a browser would send it unchanged. */
function fieldsOf(html: string): Record<string, string | readonly string[]> {
  const form = /<form[^>]*>(?:(?!<\/form>)[\s\S])*?name="_version"[\s\S]*?<\/form>/.exec(html)?.[0] ?? '';
  const found: Record<string, string | readonly string[]> = {};
  const plain = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const of = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
    const name = of('name');
    if (name === undefined || name === '_token') continue;
    if (of('type') === 'checkbox' && !/ checked/.test(tag)) continue;
    found[name] = plain(of('value') ?? '');
  }
  for (const [, name = '', text = ''] of form.matchAll(/<textarea[^>]* name="([^"]+)"[^>]*>([\s\S]*?)<\/textarea>/g)) {
    found[name] = plain(text.replace(/^\n/, ''));
  }
  for (const [, name = '', options = ''] of form.matchAll(/<select[^>]* name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)) {
    found[name] = plain(/<option value="([^"]*)"[^>]* selected/.exec(options)?.[1] ?? '');
  }
  return found;
}

/** Two people save the same form at the same moment: one wins, the other is shown the conflict. */
export function raceScenarios(database: () => Promise<string | undefined>): void {
  let b: Bench;
  let site: Site;
  let admin: Reader;
  beforeAll(async () => {
    const url = await database();
    b = await bench(url === undefined ? {} : { database: url });
    await populate(b);
    site = await startSite(b.host);
    admin = await site.as('admin');
  });
  afterAll(async () => {
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  const cases = {
    domain: { path: async () => '/admin/domains/test2.com/edit/', field: 'general.quota', values: ['5G', '6G'] },
    account: {
      path: async () => `/admin/accounts/${(await b.mailboxes.show(b.system, 'user@test.com')).pk}/edit/`,
      field: 'general.first_name',
      values: ['Ann', 'Bea'],
    },
    alias: {
      path: async () => `/admin/aliases/${(await b.aliases.show(b.system, 'alias@test.com')).pk}/edit/`,
      field: 'general.description',
      values: ['one', 'two'],
    },
    parameters: {
      path: async () => '/core/parameters/admin/',
      field: 'admin.default_domain_quota',
      values: ['1G', '2G'],
    },
  } as const;

  it.each(
    Object.keys(cases) as readonly (keyof typeof cases)[],
  )('of the form of %s only one is saved', async (name) => {
    const { field, values } = cases[name];
    const path = await cases[name].path();
    for (let round = 0; round < 5; round += 1) {
      const form = fieldsOf((await admin.get(path)).text);
      expect(form).toHaveProperty(['_version']);
      expect(form).toHaveProperty([field]);
      const own = values.map((value) =>
        round % 2 === 0 ? value : `${value}`.replace(/^(\d)/, '1$1').replace(/^(\D)/, 'x$1'),
      );
      // On SQLite both must have looked at the version before the first may write.
      const held = b.context.data.write(() => sleep(150));
      const answers: Answer[] = await Promise.all(own.map((value) => admin.post(path, { ...form, [field]: value })));
      await held;
      const statuses = answers.map(({ status }) => status).toSorted();
      expect([round, ...statuses]).toEqual([round, 303, 409]);
      const winner = own[answers.findIndex(({ status }) => status === 303)] ?? '';
      const loser = answers.find(({ status }) => status === 409)?.text ?? '';
      expect(fieldsOf((await admin.get(path)).text)[field]).toBe(winner);
      // The loser sees what is stored now, and may save again over it.
      const again = fieldsOf(loser);
      expect(again['_version']).not.toBe(form['_version']);
      expect((await admin.post(path, again)).status).toBe(303);
      expect(fieldsOf((await admin.get(path)).text)[field]).not.toBe(winner);
    }
  });
}
