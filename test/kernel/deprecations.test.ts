/** What is deprecated is served on, and named to whoever keeps the extensions that use it. */
import {
  bridge,
  contribute,
  defineExtension,
  deprecated,
  deprecatedField,
  type ExtensionContext,
  hook,
  on,
  provide,
  service,
  slot,
} from '@posthorn/sdk';
import { type TestHost, testHost } from '@posthorn/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { until } from '../kit/src/servers/index.js';
import { install } from '../watch/packages.js';

const mark = (use: string) => ({ since: '1.1.0', gone: '2.0.0', use });

interface Name {
  readonly first: string;
  readonly last: string;
}
const made1 = deprecated(hook.signal<{ readonly name: string }>('acme.made@1'), mark('acme.made@2'));
const made2 = hook.signal<{ readonly names: readonly string[] }>('acme.made@2');
const made3 = hook.signal<{ readonly made: Name }>('acme.made@3');
const may1 = deprecated(hook.guard<{ readonly name: string }>('acme.may@1'), mark('acme.may@2'));
const may2 = hook.guard<Name>('acme.may@2');
const title1 = deprecated(hook.filter<{ readonly name: string }, string>('acme.title@1'), mark('acme.title@2'));
const title2 = hook.filter<Name, string>('acme.title@2');
const shelf1 = deprecated(slot<{ readonly label: string }>('acme.shelf@1'), mark('acme.shelf@2'));
const shelf2 = deprecatedField(
  slot<{ readonly text: string; readonly colour?: string }>('acme.shelf@2'),
  'colour',
  mark('the style of the page'),
);
const clock1 = deprecated(service<{ hour(): number }>('acme.clock@1'), mark('acme.clock@2'));
const clock2 = service<{ minute(): number }>('acme.clock@2');

const acme = defineExtension({
  id: 'acme',
  version: '1.1.0',
  sdk: '^1.0.0',
  title: 'Acme',
  bridges: [
    bridge(made1, made2, ({ names }) => ({ name: names.join(' ') })),
    bridge(made2, made3, ({ made }) => ({ names: [made.first, made.last] })),
    bridge(may1, may2, ({ first, last }) => ({ name: `${first} ${last}` })),
    bridge(title1, title2, ({ first }) => ({ name: first })),
    bridge(shelf1, shelf2, ({ label }) => {
      if (label === '') throw new Error('no label');
      return { text: label.toUpperCase() };
    }),
  ],
  services: [
    provide(clock2, () => ({ minute: () => 120 })),
    provide(clock1, (context) => ({ hour: () => context.get(clock2).minute() / 60 })),
  ],
  // The owner's own listeners are no use that anybody has to be told of.
  taps: [on(made1, () => {})],
});

const user = (members: Partial<Parameters<typeof defineExtension>[0]>) =>
  defineExtension({
    id: 'user',
    version: '1.0.0',
    sdk: '^1.0.0',
    title: 'User',
    requires: { acme: '^1.0.0' },
    ...members,
  });

const usesIn = ({ kernel }: TestHost) =>
  kernel.spots.figures().deprecated.map(({ extension, name }) => `${extension}: ${name}`);

let host: TestHost;
afterEach(() => host?.[Symbol.asyncDispose]());

const start = async (members: Parameters<typeof user>[0] = {}): Promise<ExtensionContext> => {
  host = await testHost({ with: [acme, user(members)] });
  return host.context('acme');
};

describe('a bridge', () => {
  it('brings events of a later major to who listens to an earlier one, over two steps too', async () => {
    const heard: unknown[] = [];
    const owner = await start({
      taps: [
        on(made1, (event, { delivery }) => void heard.push({ event, attempt: delivery.attempt })),
        on(made2, (event) => void heard.push(event)),
        on(made3, (event) => void heard.push(event)),
      ],
    });
    const event = { made: { first: 'Ada', last: 'King' } };
    await owner.call(made3, event);
    await expect.poll(() => heard).toHaveLength(3);
    expect(heard).toEqual([{ event: { name: 'Ada King' }, attempt: 1 }, { names: ['Ada', 'King'] }, event]);
    expect(owner.isUsed(made3)).toBe(true);
  });

  it('serves the earlier major itself as well', async () => {
    const heard: unknown[] = [];
    const owner = await start({ taps: [on(made1, (event) => void heard.push(event))] });
    await owner.call(made1, { name: 'waiting in the outbox' });
    await expect.poll(() => heard).toEqual([{ name: 'waiting in the outbox' }]);
  });

  it('lets a guard refuse, and a filter change what is given to it', async () => {
    const owner = await start({
      taps: [
        on(may1, ({ name }) => (name === 'Ada King' ? { deny: `Not ${name}` } : undefined)),
        on(title1, (value, { name }) => `${value} ${name}`),
      ],
    });
    await expect(owner.call(may2, { first: 'Ada', last: 'King' })).rejects.toThrow('Not Ada King');
    await owner.call(may2, { first: 'Ada', last: 'Byron' });
    expect(await owner.call(title2, { first: 'Ada', last: 'King' }, 'Countess')).toBe('Countess Ada');
  });

  it('keeps the figures of a listener at the hook that its extension named', async () => {
    const owner = await start({
      taps: [
        on(title1, () => {
          throw new Error('no title');
        }),
      ],
    });
    expect(await owner.call(title2, { first: 'Ada', last: 'King' }, 'Countess')).toBe('Countess');
    expect(host.reports.map(({ extension, at }) => [extension, at])).toEqual([['user', 'acme.title@1']]);
    expect(host.kernel.spots.figures().spots.map(({ at }) => at)).not.toContain('acme.title@2');
  });

  it('converts contributions in their order, and leaves out what cannot be as the failure of its owner', async () => {
    const owner = await start({
      contributes: [
        contribute(shelf1, { label: 'late' }, { order: 2 }),
        contribute(shelf1, { label: '' }),
        contribute(shelf2, { text: 'new' }, { order: 1 }),
      ],
    });
    expect(owner.items(shelf2)).toMatchObject([
      { from: 'user', item: { text: 'new' } },
      { from: 'user', item: { text: 'LATE' } },
    ]);
    expect(owner.items(shelf1)).toHaveLength(2);
    expect(host.reports.map(({ message }) => message)).toEqual([
      'acme: bridge from acme.shelf@1 to acme.shelf@2: no label',
    ]);
  });
});

describe('the use of what is deprecated', () => {
  it('is noted of whoever uses it, once for each thing, and never of its owner', async () => {
    await start({
      taps: [on(made1, () => {}), on(made1, () => {}), on(made2, () => {})],
      contributes: [
        contribute(shelf1, { label: 'a' }),
        contribute(shelf2, { text: 'a', colour: 'red' }),
        contribute(shelf2, { text: 'b' }),
      ],
    });
    expect(usesIn(host)).toEqual(['user: acme.made@1', 'user: acme.shelf@1', 'user: colour of acme.shelf@2']);
    const context = host.context('user');
    for (let n = 0; n < 3; n += 1) expect(context.find(clock1)?.hour()).toBe(2);
    await context.call(may1, { name: 'Ada' });
    expect(usesIn(host).slice(3)).toEqual(['user: acme.clock@1', 'user: acme.may@1']);
  });

  it('is noted by the id, where an extension states the reference itself', async () => {
    const shelf = slot<{ readonly colour: string }>('acme.shelf@2');
    await start({
      taps: [on(hook.signal<object>('acme.made@1'), () => {})],
      contributes: [contribute(shelf, { colour: 'red' })],
    });
    const context = host.context('user');
    context.get(service<object>('acme.clock@1'));
    expect(usesIn(host)).toEqual(['user: acme.made@1', 'user: colour of acme.shelf@2', 'user: acme.clock@1']);
  });

  it("is nothing that one extension can say of what is another one's", async () => {
    const slandered = deprecated(hook.signal<object>('acme.made@3'), mark('mine'));
    const other = defineExtension({ ...user({ taps: [on(made3, () => {})] }), id: 'other' });
    host = await testHost({ with: [acme, user({ taps: [on(slandered, () => {})] }), other] });
    expect(usesIn(host)).toEqual(['user: acme.made@3']);
  });

  it('is noted of a helper by its name', async () => {
    const helper = (label: string) =>
      deprecated(contribute(shelf2, { text: label }), { ...mark('contribute'), name: 'shelved' });
    await start({ contributes: [helper('a'), helper('b')] });
    expect(usesIn(host)).toEqual(['user: shelved']);
    await using own = await testHost({ with: [defineExtension({ ...acme, contributes: [helper('a')] })] });
    expect(usesIn(own)).toEqual(['acme: shelved']);
  });

  it('begins anew with a generation', async () => {
    await start({ taps: [on(made1, () => {})] });
    await host.disable('user');
    expect(usesIn(host)).toEqual([]);
    await host.enable('user');
    expect(usesIn(host)).toEqual(['user: acme.made@1']);
  });

  it('is a warning on the page of the doctor', async () => {
    await start({ taps: [on(made1, () => {})] });
    const { text } = await (await host.admin()).get('/core/extensions/doctor/');
    expect(text).toContain(
      'It uses acme.made@1, deprecated since 1.1.0 and gone in 2.0.0: acme.made@2 takes its place.',
    );
  });
});

describe('at the command line', () => {
  let instance: Instance;
  const head = `import { deprecated, provide, service } from '@posthorn/sdk';
const old = deprecated(hook.signal('owner.made@1'), { since: '1.1.0', gone: '2.0.0', use: 'owner.made@2' });`;
  beforeAll(async () => {
    instance = await freshInstance();
    await install(instance.directory, 'owner', { head, members: 'taps: [on(old, () => {})],' });
    const members = "taps: [on(hook.signal('owner.made@1'), () => {})],";
    const requires = { owner: '^1.0.0' };
    await install(instance.directory, 'listed', { members, requires, bugs: 'https://listed.test/bugs' });
    await install(instance.directory, 'mailed', { members, requires, bugs: { email: 'bugs@mailed.test' } });
    await install(instance.directory, 'silent', { members, requires, bugs: [7] });
    for (const id of ['owner', 'listed', 'mailed', 'silent']) await instance.must(['extension', 'enable', id]);
  });
  afterAll(() => instance?.remove());

  it('is counted in the list', async () => {
    const rows = (await instance.must(['extension', 'list', '--json'])).rows();
    const counts = rows.map(({ id, warnings }) => [id, warnings]);
    expect(counts).toEqual(
      expect.arrayContaining([
        ['owner', 0],
        ['listed', 1],
        ['mailed', 1],
        ['silent', 1],
      ]),
    );
  });

  it('is told by the doctor, with where its authors want to hear of it', async () => {
    const rows = (await instance.must(['extension', 'doctor', '--json'])).rows();
    const use = { name: 'owner.made@1', since: '1.1.0', gone: '2.0.0', use: 'owner.made@2' };
    expect(rows.filter(({ record }) => record === 'deprecation')).toEqual([
      { record: 'deprecation', extension: 'listed', ...use, bugs: 'https://listed.test/bugs' },
      { record: 'deprecation', extension: 'mailed', ...use, bugs: 'bugs@mailed.test' },
      { record: 'deprecation', extension: 'silent', ...use, bugs: null },
    ]);
    const [finding] = rows.filter(({ record, extension }) => record === 'finding' && extension === 'listed');
    expect(finding).toMatchObject({
      level: 'warning',
      at: 'owner.made@1',
      message: expect.stringMatching(/owner\.made@2 takes its place\. Its authors: https:\/\/listed\.test\/bugs$/),
    });
  });

  it('is logged once by each serving process, which tells what it sees while it runs', {
    timeout: 120_000,
  }, async () => {
    await install(instance.directory, 'caller', {
      requires: { owner: '^1.0.0' },
      members: `contributes: [page({ path: '/caller/', permission: 'public', load: async ({ context }) => {
        await context.call(hook.signal('owner.made@1'), {});
        return download({ filename: 'done.txt', type: 'text/plain', content: 'done' });
      } })],`,
    });
    await instance.must(['extension', 'enable', 'caller']);
    await using serving = await serve(instance.directory);
    for (let n = 0; n < 3; n += 1) expect((await serving.ask('/caller/')).status).toBe(200);
    await until('the warning', 60, async () => {
      const rows = (await instance.must(['extension', 'doctor', 'caller', '--json'])).rows();
      return rows.some(({ record, name }) => record === 'deprecation' && name === 'owner.made@1');
    });
    const told = serving.logged('listed uses owner.made@1, which is deprecated');
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(told.length);
    const callers = serving.logged('caller uses owner.made@1, which is deprecated');
    expect(callers).toMatchObject([{ extension: 'caller', since: '1.1.0', gone: '2.0.0', use: 'owner.made@2' }]);
  });

  it('fails the doctor only where warnings are to fail it, and is no noise beside other commands', async () => {
    expect((await instance.posthorn(['extension', 'doctor', 'listed', '--fail-on', 'error'])).code).toBe(0);
    expect((await instance.posthorn(['extension', 'doctor', 'listed', '--fail-on', 'warning'])).code).toBe(1);
    expect((await instance.must(['extension', 'list'])).stderr).toBe('');
  });

  it('keeps an extension off that bridges what is not its own', async () => {
    await install(instance.directory, 'thief', {
      head: "import { bridge } from '@posthorn/sdk';",
      members: "bridges: [bridge(hook.signal('owner.made@1'), hook.signal('owner.made@2'), (event) => event)],",
    });
    const { code, stderr } = await instance.posthorn(['extension', 'enable', 'thief']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('it bridges owner.made@1, which does not begin with thief.');
  });
});
