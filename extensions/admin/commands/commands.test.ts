import { type Command, type CommandContext, type PrintableRow, parseShape } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { adminCommands } from './contributions.js';

const all = adminCommands.map((one) => one.item as Command);

interface Call {
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

let calls: Call[];
let printed: PrintableRow[];
let asked: number;
let answers: Record<string, unknown>;

beforeEach(() => {
  calls = [];
  printed = [];
  asked = 0;
  answers = {};
});

const context = {
  actor: 'operator',
  get: (ref: { readonly id: string }) =>
    new Proxy(
      {},
      {
        get: (_, method: string) => {
          if (method === 'randomPassword') return async () => 'Made-up-1';
          return (actor: unknown, ...args: unknown[]) => {
            expect(actor).toBe('operator');
            const service = ref.id.replace(/^admin\.|@1$/g, '');
            calls.push({ service, method, args });
            const answer = answers[method] ?? {};
            if (method !== 'list') return Promise.resolve(answer);
            return (async function* () {
              yield* answer as Iterable<unknown>;
            })();
          };
        },
      },
    ),
  out: {
    item: (row: PrintableRow) => printed.push(row),
    list: async (rows: AsyncIterable<PrintableRow>) => {
      for await (const row of rows) printed.push(row);
    },
    note: () => undefined,
  },
  confirm: async () => {
    asked += 1;
  },
  readSecret: async (path: string) => `secret of ${path}`,
} as unknown as CommandContext;

async function run(noun: string, verb: string, input: Record<string, unknown>): Promise<void> {
  const found = all.find((one) => one.noun === noun && one.verb === verb);
  if (found === undefined) throw new Error(`no ${noun} ${verb}`);
  await found.run(parseShape(found.input, input, { text: true }), context);
}

describe('every command', () => {
  it('stands once, with a summary, examples of itself and a permission', () => {
    const names = all.map(({ noun, verb }) => `${noun} ${verb}`);
    expect(new Set(names).size).toBe(names.length);
    for (const one of all) {
      expect(one.examples.length).toBeGreaterThan(0);
      // A noun whose only verb is `run` is written without it.
      const typed = one.verb === 'run' ? `${one.noun} ` : `${one.noun} ${one.verb}`;
      for (const example of one.examples) expect(example.startsWith(typed)).toBe(true);
      expect(one.permission).toMatch(/^(admin|core)\.[a-z_]+$/);
      expect(one.isDestructive).toBe(['delete', 'purge', 'clean-inactive'].includes(one.verb));
      for (const name of one.positional) expect(Object.keys(one.input)).toContain(name);
    }
  });

  it('has no option that every command has', () => {
    const taken = new Set(['json', 'quiet', 'yes', 'as', 'input', 'instance', 'help']);
    for (const one of all) expect(Object.keys(one.input).filter((name) => taken.has(name))).toEqual([]);
  });

  it('asks before it deletes', async () => {
    answers = { list: [{ pk: 1, address: 'b@x.org' }] };
    await run('domain', 'delete', { name: 'x.org' });
    await run('account', 'delete', { username: 'a@x.org', keep_directories: 'true' });
    await run('alias', 'delete', { address: 'a@x.org' });
    await run('domainalias', 'delete', { name: 'y.org' });
    await run('senderaddress', 'delete', { address: 'B@x.org', mailbox: 'a@x.org' });
    expect(asked).toBe(5);
    expect(calls.filter(({ method }) => method === 'remove')).toEqual([
      { service: 'domains', method: 'remove', args: ['x.org', { keepdir: false }] },
      { service: 'mailboxes', method: 'remove', args: ['a@x.org', { keepdir: true }] },
      { service: 'aliases', method: 'remove', args: ['a@x.org'] },
      { service: 'domain-aliases', method: 'remove', args: ['y.org'] },
      { service: 'sender-addresses', method: 'remove', args: [1] },
    ]);
  });
});

describe('domains', () => {
  it('are created with what was said and nothing else', async () => {
    await run('domain', 'create', { name: 'x.org', quota: '2G', default_mailbox_quota: '100' });
    await run('domain', 'create', { name: 'y.org', disable: 'true' });
    expect(calls.map(({ args }) => args[0])).toEqual([
      { name: 'x.org', quota: 2048, default_mailbox_quota: 100 },
      { name: 'y.org', enabled: false },
    ]);
  });

  it('are renamed, enabled and disabled', async () => {
    await run('domain', 'update', { name: 'x.org', rename: 'y.org', enable: 'true' });
    expect(calls[0]?.args).toEqual(['x.org', { name: 'y.org', enabled: true }]);
    await expect(run('domain', 'update', { name: 'x.org', enable: 'true', disable: 'true' })).rejects.toMatchObject({
      kind: 'usage',
    });
  });

  it('are listed by what is asked for', async () => {
    answers = { list: [{ name: 'x.org' }, { name: 'y.org' }] };
    await run('domain', 'list', { search: 'x', type: 'domain', disable: 'true' });
    expect(calls[0]?.args).toEqual([{ search: 'x', type: 'domain', enabled: false }]);
    expect(printed).toEqual([{ name: 'x.org' }, { name: 'y.org' }]);
  });
});

describe('accounts', () => {
  const view = {
    pk: 7,
    username: 'a@x.org',
    mailbox: { pk: 3, full_address: 'a@x.org', quota: 10, use_domain_quota: false, refuses_mail: true },
    domains: ['x.org'],
  };

  it('get a password that is printed once, or the given one, which is not', async () => {
    answers = { create: view };
    await run('account', 'create', { username: 'a@x.org' });
    await run('account', 'create', { username: 'a@x.org', password_file: '-' });
    const [made, given] = calls.map(({ args }) => (args[0] as { password: string }).password);
    expect(made).toBe('Made-up-1');
    expect(given).toBe('secret of -');
    expect(printed.map((row) => row['password'])).toEqual([made, undefined]);
  });

  it('are one flat object', async () => {
    answers = { show: view };
    await run('account', 'show', { username: 'a@x.org' });
    expect(printed[0]).toEqual({
      pk: 7,
      username: 'a@x.org',
      full_address: 'a@x.org',
      quota: 10,
      use_domain_quota: false,
      refuses_mail: true,
      domains: ['x.org'],
    });
  });

  it.each<[Record<string, unknown>, unknown]>([
    [{}, undefined],
    [{ mailbox: 'false' }, null],
    [{ mailbox: 'true' }, {}],
    [{ quota: '1G' }, { quota: 1024, use_domain_quota: false }],
    [{ address: 'b@x.org' }, { full_address: 'b@x.org' }],
    [{ refuse_mail: 'false' }, { refuses_mail: false }],
  ])('%o: mailbox %o', async (typed, mailbox) => {
    await run('account', 'create', { username: 'a@x.org', ...typed });
    expect(calls[0]?.args[0]).toHaveProperty('username');
    expect((calls[0]?.args[0] as { mailbox?: unknown } | undefined)?.mailbox).toEqual(mailbox);
  });

  it('are changed by what was said only', async () => {
    await run('account', 'update', {
      username: 'a@x.org',
      rename: 'b@x.org',
      disable: 'true',
      keep_old_address: 'true',
    });
    await run('account', 'update', { username: 'a@x.org', default_quota: 'true' });
    await run('account', 'update', { username: 'a@x.org', random_password: 'true' });
    expect(calls.map(({ args }) => args)).toEqual([
      ['a@x.org', { username: 'b@x.org', is_active: false, create_alias_with_old_address: true }],
      ['a@x.org', { mailbox: { use_domain_quota: true } }],
      ['a@x.org', { password: 'Made-up-1' }],
    ]);
    expect(printed.map((row) => row['password'])).toEqual([undefined, undefined, 'Made-up-1']);
  });
});

describe('aliases', () => {
  it('take several recipients and a moment', async () => {
    await run('alias', 'create', { address: 's@x.org', recipient: ['a@x.org', 'b@x.org'], expire_at: '2031-12-31' });
    expect(calls[0]?.args[0]).toEqual({
      address: 's@x.org',
      recipients: ['a@x.org', 'b@x.org'],
      expire_at: new Date('2031-12-31T00:00:00Z'),
    });
  });

  it('can be told not to expire', async () => {
    await run('alias', 'update', { address: 's@x.org', never_expires: 'true' });
    expect(calls[0]?.args).toEqual(['s@x.org', { expire_at: null }]);
  });
});

describe('sender addresses', () => {
  it('are found by their address, or not found', async () => {
    answers = { list: [{ pk: 4, address: '@all.org' }] };
    await run('senderaddress', 'delete', { address: '@ALL.org', mailbox: 'a@x.org' });
    expect(calls.at(-1)).toMatchObject({ method: 'remove', args: [4] });
    await expect(run('senderaddress', 'delete', { address: 'no@x.org', mailbox: 'a@x.org' })).rejects.toMatchObject({
      kind: 'not-found',
    });
  });
});

describe('access explain', () => {
  it('asks the service, prints the facts, and ends with 5 where it is refused', async () => {
    const facts = [{ kind: 'permission', holds: false, text: 'No.' }];
    answers = { explain: { username: 'anna', action: 'domain.delete', object: 'x.org', isAllowed: false, facts } };
    const codes: number[] = [];
    (context as unknown as { setExitCode(code: number): void }).setExitCode = (code) => void codes.push(code);
    await run('access', 'explain', { username: 'anna', action: 'domain.delete', object: 'x.org' });
    expect(calls).toEqual([
      {
        service: 'explanations',
        method: 'explain',
        args: [{ account: 'anna', action: 'domain.delete', object: 'x.org' }],
      },
    ]);
    expect(printed).toEqual([{ username: 'anna', action: 'domain.delete', object: 'x.org', is_allowed: false, facts }]);
    expect(codes).toEqual([5]);
    answers = { explain: { isAllowed: true, facts: [] } };
    await run('access', 'explain', { username: 'anna', action: 'domain.list' });
    expect(codes).toEqual([5]);
    await expect(run('access', 'explain', { username: 'anna', action: 'domain.eat' })).rejects.toThrow();
  });
});
