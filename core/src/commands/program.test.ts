import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type Command,
  type Contributed,
  type Contribution,
  command,
  commands,
  field,
  plainText,
  problems,
} from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { describeFailure } from './failure.js';
import { CommandOutput } from './output.js';
import { type Parsed, parseCommandLine, readInput } from './program.js';

const contribution: Contribution = command({
  noun: 'thing',
  verb: 'create',
  summary: 'Make a thing',
  examples: ['thing create a --size 2G'],
  permission: 'public',
  positional: ['name'],
  input: {
    name: field.string({ label: 'Name' }),
    size: field.size({ label: 'Size' }).optional(),
    enabled: field.boolean({ label: 'Enabled' }).optional(),
    enable: field.boolean({ label: 'Enable' }).optional(),
    kind: field.choice({ label: 'Kind', choices: ['a', 'b'] }).default('a'),
    time_zone: field.string({ label: 'Zone' }).optional(),
    friend: field.list(field.string({ label: 'Friend' }), { label: 'Friends' }).optional(),
  },
  run: async () => {},
});
const removal: Contribution = command({
  noun: 'thing',
  verb: 'delete',
  summary: 'Delete things',
  examples: [],
  permission: 'public',
  positional: ['names'],
  isDestructive: true,
  input: { names: field.list(field.string({ label: 'Name' }), { label: 'Names' }) },
  run: async () => {},
});
const items = [contribution, removal].map((c): Contributed<Command> => ({ from: 'demo', item: c.item as Command }));
const parse = (...argv: string[]): Parsed =>
  parseCommandLine(argv, {
    commands: items,
    hostCommands: [{ noun: 'serve', summary: 'Serve', usage: '' }],
    version: '1.2.3',
    description: 'A demo.',
  });
const input = (...argv: string[]) => {
  const p = parse(...argv);
  if (p.kind !== 'command') throw new Error(p.kind === 'problem' ? p.problem.message : p.text);
  return readInput(p.parsed);
};

describe('the command line', () => {
  it('turns fields into arguments and options', () => {
    expect(contribution.slot.id).toBe(commands.id);
    expect(
      input(
        'thing',
        'create',
        'x',
        '--size',
        '2G',
        '--no-enabled',
        '--time-zone',
        'UTC',
        '--friend',
        'a',
        '--friend',
        'b',
      ),
    ).toEqual({
      name: 'x',
      size: 2048,
      enabled: false,
      kind: 'a',
      time_zone: 'UTC',
      friend: ['a', 'b'],
    });
    expect(input('thing', 'create', 'x')).toEqual({ name: 'x', kind: 'a' });
    expect(input('thing', 'delete', 'a', 'b', '--yes')).toEqual({ names: ['a', 'b'] });
  });

  it.each([
    [['thing', 'creat', 'x'], /unknown command 'creat'/],
    [['thing', 'create'], /missing required argument 'name'/],
    [['thing', 'create', 'x', '--no-enable'], /unknown option '--no-enable'/],
    [['thing', 'create', 'x', '--kind', 'c'], /Allowed choices are a, b/],
    [['thing', 'create', 'x', '--yes'], /unknown option '--yes'/],
    [['nothing'], /unknown command 'nothing'/],
  ])('%j is a usage error', (argv, reason) => {
    const p = parse(...argv);
    expect(p).toMatchObject({ kind: 'problem', problem: { exitCode: 2 } });
    if (p.kind === 'problem') expect(p.problem.message).toMatch(reason);
  });

  it('shows help with examples, on request and without any words', () => {
    expect(parse('thing', 'create', '--help')).toMatchObject({
      kind: 'text',
      text: expect.stringContaining('$ posthorn thing create a --size 2G'),
    });
    expect(parse()).toMatchObject({ kind: 'text', text: expect.stringContaining('serve') });
    expect(parse('--version')).toMatchObject({ kind: 'text', text: '1.2.3\n' });
  });

  it('names the field of a wrong value', () => {
    expect(() => input('thing', 'create', 'x', '--size', 'much')).toThrow(/size/);
  });
});

async function printed(
  json: boolean,
  work: (o: CommandOutput) => Promise<void> | void,
): Promise<{ out: string; err: string }> {
  const out = new PassThrough();
  const err = new PassThrough();
  const both = Promise.all([text(out), text(err)]);
  await work(new CommandOutput({ json, quiet: false, translate: plainText, streams: { out, err } }));
  out.end();
  err.end();
  const [o, e] = await both;
  return { out: o, err: e };
}

describe('output', () => {
  const rows = [
    { name: 'a', n: 1, on: true, tags: ['x', 'y'], none: null },
    { name: 'long name', n: 20, on: false, tags: [], none: null },
  ];

  it('prints a table for people', async () => {
    const { out } = await printed(false, (o) => o.list(rows));
    expect(out).toBe('name       n   on     tags  none\na          1   true   x y\nlong name  20  false\n');
  });

  it('prints one object per line for programs', async () => {
    const { out, err } = await printed(true, (o) => o.list(rows));
    expect(
      out
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l)),
    ).toEqual(rows);
    expect(err).toBe('');
  });

  it('keeps data apart from words, and says that a list is empty', async () => {
    const { out, err } = await printed(false, async (o) => {
      await o.list([]);
      o.note('done');
    });
    expect([out, err]).toEqual(['', 'Nothing found.\ndone\n']);
  });

  it('lets no name steer the terminal', async () => {
    const { out } = await printed(false, (o) => o.item({ name: 'a\u001b[31m\u202eb\n' }));
    expect(out).toBe('name  a\\u001b[31m\\u202eb\\u000a\n');
  });
});

describe('failures', () => {
  const problem = problems('demo', {
    E_DEMO: { kind: 'conflict', message: 'The name {{name}} is taken.', hint: 'Choose another.' },
  });

  it('are a sentence with a hint, or one JSON object', () => {
    const p = problem('E_DEMO', { name: 'x' }, { field: 'name' });
    expect(describeFailure(p, { json: false, translate: plainText })).toEqual({
      exitCode: 4,
      text: 'name: The name x is taken.\nChoose another.',
    });
    expect(JSON.parse(describeFailure(p, { json: true, translate: plainText }).text)).toEqual({
      error: {
        code: 'E_DEMO',
        kind: 'conflict',
        message: 'The name x is taken.',
        field: 'name',
        hint: 'Choose another.',
        issues: [{ path: 'name', message: 'The name x is taken.' }],
      },
    });
  });

  it('keep the stack of the unexpected to themselves', () => {
    expect(describeFailure(new Error('boom\n  at x'), { json: false, translate: plainText })).toMatchObject({
      exitCode: 1,
      text: expect.not.stringContaining(' at x'),
    });
  });
});
