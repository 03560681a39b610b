import { defineExtension, download, hook, job, jobQueue, menuEntry, on, page, widget } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demo } from '../http/demo.js';
import { type Site, serve } from '../http/site.js';
import { until } from '../kit/src/servers/index.js';

const MINUTE = 60_000;
const happened = hook.signal<object>('acme.happened@1');
const may = hook.guard<{ readonly what: string }>('acme.may@1');
const refuses = hook.guard<object>('acme.refuses@1');
const text = download({ filename: 'done.txt', type: 'text/plain', content: 'done' });

let now: number;
let calls: number;
let isBroken: boolean;
let site: Site;

/** Everything of an extension that can fail, behind pages that set it off. */
const acme = defineExtension({
  id: 'acme',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Acme',
  taps: [
    on(happened, () => {
      calls += 1;
      if (isBroken) throw new Error('the shelf is empty');
    }),
    on(may, () => {
      throw new Error('the guard is asleep');
    }),
    on(refuses, () => ({ deny: 'Not on a Sunday.', code: 'E_ACME_SUNDAY' })),
  ],
  contributes: [
    page({
      path: '/acme/happen/',
      permission: 'public',
      load: async ({ context }) => {
        await context.call(happened, {});
        return text;
      },
    }),
    page({
      path: '/acme/may/',
      permission: 'signed-in',
      load: async ({ context }) => {
        await context.call(may, { what: 'a box' });
        return text;
      },
    }),
    page({
      path: '/acme/refuses/',
      permission: 'signed-in',
      load: async ({ context }) => {
        await context.call(refuses, {});
        return text;
      },
    }),
    page({
      path: '/acme/asks/',
      permission: 'public',
      load: async ({ context }) => {
        await context.data.execute('select 1 as one');
        await context.data.execute('select 2 as two');
        return text;
      },
    }),
    page({
      path: '/acme/broken/',
      permission: 'public',
      load: async () => {
        throw new TypeError('no such box');
      },
    }),
    widget({
      id: 'boxes',
      region: 'dashboard',
      title: 'Boxes',
      permission: 'signed-in',
      load: async () => {
        throw new Error('no boxes');
      },
    }),
    menuEntry({
      area: 'main',
      label: 'Acme',
      href: '/acme/happen/',
      icon: 'puzzle',
      permission: 'signed-in',
      badge: async () => {
        throw new Error('no number');
      },
    }),
    job({
      id: 'count',
      title: 'Count',
      retries: 0,
      run: async () => {
        throw new Error('lost count');
      },
    }),
  ],
});

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  calls = 0;
  isBroken = true;
  site = await serve({ with: [demo, acme], clock: () => new Date(now) });
});
afterEach(() => site[Symbol.asyncDispose]());

const happen = async (times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) expect((await site.browser().ask('/acme/happen/')).status).toBe(200);
};
const state = () => site.host.kernel.states.find(({ id }) => id === 'acme');
const stored = () => site.host.kernel.database.execute('select extension, scope, place, reason from core_quarantine');

async function giveUp(): Promise<void> {
  await happen(5);
  for (let round = 0; round < 2; round += 1) {
    now += MINUTE;
    await happen(1);
  }
  await until('the row', 5, async () => (await stored()).length > 0);
}

describe('a listener that keeps failing', () => {
  it('is left out for a minute, while its caller goes on', async () => {
    await happen(8);
    expect(calls).toBe(5);
    now += MINUTE;
    isBroken = false;
    await happen(2);
    expect(calls).toBe(7);
    expect(state()?.state).toBe('enabled');
  });

  it('has its extension quarantined after three rounds, for every process and with the reason', async () => {
    await giveUp();
    const reason =
      'its listener to acme.happened@1 kept failing and is left out; the last error was: the shelf is empty';
    expect(await stored()).toMatchObject([{ extension: 'acme', scope: 'listener', place: 'acme.happened@1', reason }]);
    expect(state()).toMatchObject({ state: 'quarantined', desired: 'enabled', reason });
    now += 100 * MINUTE;
    await happen(3);
    expect(calls).toBe(7);
    // Another process learns of it with the revision, and so of its end.
    const { kernel } = site.host;
    expect((await kernel.revisionRow.read()).revision).toBeGreaterThan(kernel.revision);
    await kernel.database.execute('delete from core_quarantine');
    await kernel.refreshParameters();
    await happen(1);
    expect([calls, state()?.state]).toEqual([8, 'enabled']);
  });

  it('is told to super administrators on every page, and lifted by a button', async () => {
    await giveUp();
    const root = await site.signedIn('root');
    for (const path of ['/dashboard/', '/user/', '/core/extensions/']) {
      expect((await root.ask(path)).body).toContain('The extension acme is quarantined');
    }
    const plain = await site.signedIn('plain');
    expect((await plain.ask('/user/')).body).not.toContain('quarantined');
    const list = '/core/extensions/';
    const path = `${list}acme/lift/`;
    expect((await plain.ask(path, { form: { _token: await plain.token('/user/') } })).status).toBe(403);
    expect((await root.ask(path, { form: { _token: await root.token(list) } })).status).toBe(303);
    expect((await root.ask(list)).body).toContain('acme gets another chance.');
    expect(await stored()).toEqual([]);
    await happen(1);
    expect([calls, state()?.state]).toEqual([8, 'enabled']);
  });
});

describe('a guard', () => {
  it('that is broken refuses, and names its extension to those who can switch it off', async () => {
    const root = await site.signedIn('root');
    const plain = await site.signedIn('plain');
    for (let i = 0; i < 7; i += 1) expect((await plain.ask('/acme/may/')).status).toBe(403);
    const told = await root.ask('/acme/may/', { headers: { accept: 'application/json' } });
    expect(JSON.parse(told.body)).toMatchObject({
      status: 403,
      code: 'E_EXTENSION_FAILED',
      detail: 'A part of the system that has to agree failed, so nothing was changed.',
      hint: expect.stringContaining('posthorn extension disable acme'),
    });
    const kept = (await plain.ask('/acme/may/', { headers: { accept: 'application/json' } })).body;
    expect(JSON.parse(kept)).toMatchObject({ status: 403, code: 'E_EXTENSION_FAILED' });
    expect(kept).not.toMatch(/acme|asleep/);
  });

  it('that refuses is a line in the log, with the sentence that the person reads', async () => {
    const lines: object[] = [];
    site.host.kernel.log.info = ((fields: object, message: string) => {
      if (message === 'refused') lines.push(fields);
    }) as never;
    const plain = await site.signedIn('plain');
    const answer = await plain.ask('/acme/refuses/', { headers: { accept: 'application/json' } });
    await plain.ask('/acme/may/');
    expect(JSON.parse(answer.body)).toMatchObject({ detail: 'Not on a Sunday.', code: 'E_ACME_SUNDAY' });
    expect(lines).toMatchObject([
      {
        decision: 'refused',
        asker: 'plain',
        hook: 'acme.refuses@1',
        by: 'acme',
        code: 'E_ACME_SUNDAY',
        sentence: 'Not on a Sunday.',
      },
      {
        asker: 'plain',
        hook: 'acme.may@1',
        what: { what: 'a box' },
        by: 'acme',
        code: 'E_EXTENSION_FAILED',
        reason: 'acme: acme.may@1: the guard is asleep',
      },
    ]);
  });
});

describe('the doctor', () => {
  it('shows by extension and place what was called, what failed and what was asked of the database', async () => {
    const root = await site.signedIn('root');
    const { kernel } = site.host;
    await happen(3);
    for (let i = 0; i < 2; i += 1) await site.browser().ask('/acme/asks/');
    expect((await site.browser().ask('/acme/broken/')).status).toBe(500);
    await root.ask('/dashboard/');
    await kernel.generation.context('acme').get(jobQueue).enqueue('acme.count', {});
    await using runner = kernel.jobs.runner(['default']);
    await runner.drain();
    const places = new Map(
      kernel.spots
        .figures()
        .spots.filter((s) => s.extension === 'acme')
        .map((s) => [s.at, s] as const),
    );
    expect(places.get('acme.happened@1')).toMatchObject({ calls: 3, failures: 3 });
    expect(places.get('GET /acme/happen/')).toMatchObject({ calls: 3, failures: 0 });
    expect(places.get('GET /acme/asks/')).toMatchObject({ calls: 2, failures: 0, statements: 4 });
    for (const at of ['GET /acme/broken/', 'widget:boxes', 'menu:/acme/happen/', 'job:count']) {
      expect([at, places.get(at)]).toMatchObject([at, { calls: 1, failures: 1 }]);
    }
    const shown = (await root.ask('/core/extensions/doctor/?extension=acme')).body;
    for (const words of ['widget:boxes', 'no boxes', 'lost count', 'no such box', '3 of 3 calls failed.']) {
      expect(shown).toContain(words);
    }
    expect(shown).not.toContain('POST /accounts/login/');
    const plain = await site.signedIn('plain');
    expect((await plain.ask('/core/extensions/doctor/')).status).toBe(403);
  });
});
