import { accounts, defineExtension, field, parameterForm, parameters } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demo } from './demo.js';
import { type Site, serve } from './site.js';

/** Preferences of an extension that not everybody has. */
const mine = parameters(
  'reading',
  'user',
  {
    rows: field.integer({ label: 'Rows', min: 1, max: 100 }).default(40),
    isRemote: field.boolean({ label: 'Elsewhere' }).default(false),
    key: field.secret({ label: 'Key' }).default(''),
  },
  {
    title: 'Reading',
    sections: [
      { title: 'List', fields: ['rows', 'isRemote'] },
      { title: 'Server', text: 'Ask who runs it.', fields: ['key'], when: { field: 'isRemote', is: [true] } },
    ],
    when: (actor) => actor.username !== 'plain',
  },
);
const broken = parameters(
  'moody',
  'user',
  { a: field.boolean({ label: 'A' }).default(true) },
  {
    title: 'Moody',
    when: () => {
      throw new Error('no');
    },
  },
);
const reading = defineExtension({
  id: 'reading',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Reading',
  parameters: [parameterForm(mine)],
});
const moody = defineExtension({
  id: 'moody',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Moody',
  parameters: [parameterForm(broken)],
});

let site: Site;
beforeAll(async () => {
  site = await serve({ with: [demo, reading, moody] });
});
afterAll(() => site?.[Symbol.asyncDispose]());

const PATH = '/user/preferences/reading/';
const stored = async (username: string) => {
  const account = await site.host.context('core').get(accounts).findByUsername(username);
  return site.host.context('reading').parameters(mine, account?.id ?? 0);
};

describe('preferences of an extension', () => {
  it('are a tab of those who have them, saved for themselves alone', async () => {
    const browser = await site.signedIn('keeper');
    expect((await browser.ask('/user/preferences/')).body).toContain(`href="${PATH}"`);
    const { status, body } = await browser.ask(PATH);
    expect(status).toBe(200);
    expect(body).toContain('Ask who runs it.');
    expect(body).toContain('data-ph-if="reading.isRemote" data-ph-is="[&quot;true&quot;]"');
    const form = { 'reading.rows': '7', 'reading.isRemote': 'true', 'reading.key': 'hush', _sent: 'reading' };
    const version = /name="_version" value="([^"]+)"/.exec(body)?.[1] ?? '';
    const answer = await browser.ask(PATH, {
      form: { ...form, _version: version, _token: await browser.token(PATH) },
    });
    expect([answer.status, answer.headers['location']]).toEqual([303, PATH]);
    expect(await stored('keeper')).toEqual({ rows: 7, isRemote: true, key: 'hush' });
    expect(await stored('root')).toEqual({ rows: 40, isRemote: false, key: '' });
  });

  it('never show a secret: only that there is one, and a box that takes it away', async () => {
    const browser = await site.signedIn('keeper');
    const { body } = await browser.ask(PATH);
    expect(body).not.toContain('hush');
    expect(body).toContain('name="reading.key:clear"');
    const send = async (more: Readonly<Record<string, string>>) => {
      const now = (await browser.ask(PATH)).body;
      const _version = /name="_version" value="([^"]+)"/.exec(now)?.[1] ?? '';
      const form = { 'reading.rows': '7', 'reading.isRemote': 'true', 'reading.key': '', _sent: 'reading', ...more };
      return browser.ask(PATH, { form: { ...form, _version, _token: await browser.token(PATH) } });
    };
    expect((await send({})).status).toBe(303);
    expect(await stored('keeper')).toMatchObject({ key: 'hush' });
    expect((await send({ 'reading.key:clear': 'true' })).status).toBe(303);
    expect(await stored('keeper')).toMatchObject({ key: '' });
    expect((await browser.ask(PATH)).body).not.toContain('reading.key:clear');
    expect((await send({ 'reading.rows:clear': 'true' })).status).toBe(422);
  });

  it('are not there for others, nor where the extension cannot say for whom they are', async () => {
    const browser = await site.signedIn('plain');
    const { body } = await browser.ask('/user/preferences/');
    expect(body).not.toContain(PATH);
    expect(body).not.toContain('/user/preferences/moody/');
    expect((await browser.ask(PATH)).status).toBe(404);
    expect((await browser.ask('/user/preferences/moody/')).status).toBe(404);
    expect((await browser.ask('/user/preferences/core/')).status).toBe(404);
  });
});
