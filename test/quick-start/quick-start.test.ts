import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram, makeTempDir, removeTempDir, requireSuite } from '../kit/src/servers/index.js';
import { tryRun } from '../kit/src/servers/processes.js';
import { type Block, shellBlocks } from './blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const here = fileURLToPath(new URL('./', import.meta.url));
const quickStart = await readFile(join(root, 'docs/operators/quick-start.md'), 'utf8');
const blocks = shellBlocks(quickStart);
const run = blocks.filter((block) => block.notRun === undefined);
const under = (heading: string): Block => {
  const found = run.find((block) => block.heading === heading);
  if (found === undefined) throw new Error(`the quick start has no block under “${heading}”`);
  return found;
};

const NAMESPACES = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child'];

/** Why this machine gives us no private copy of itself; undefined where it does. Containers often may not mount. */
function obstacle(): string | undefined {
  const unshare = findProgram('unshare');
  if (unshare === undefined) return 'the program unshare is missing';
  const probe =
    'mount --make-rprivate / && mount -t tmpfs tmpfs /tmp && cd /tmp && mkdir u w r && mount -t overlay -o lowerdir=/,upperdir=u,workdir=w overlay r';
  const { status, stderr } = spawnSync(unshare, [...NAMESPACES, 'sh', '-ec', probe], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return status === 0 ? undefined : `this machine allows no private mounts: ${stderr.trim()}`;
}

function canRun(): boolean {
  if (!requireSuite('mail')) return false;
  const reason = obstacle();
  if (reason === undefined) return true;
  if (/(^|[\s,])(all|mail)($|[\s,])/.test(process.env.POSTHORN_TEST_REQUIRE ?? '')) {
    throw new Error(`the quick start is required (POSTHORN_TEST_REQUIRE) but cannot run: ${reason}`);
  }
  process.stderr.write(`the quick start did not run: ${reason}\n`);
  return false;
}

describe('the document', () => {
  it('leaves out only what cannot run here', () => {
    expect(
      blocks.filter((block) => block.notRun !== undefined).map(({ heading, notRun }) => [heading, notRun]),
    ).toEqual([
      ['1. Packages', 'it installs packages'],
      ['2. The program', 'the checkout is installed and built already'],
      ['Posthorn as a service', 'it needs systemd'],
      ['After an upgrade', 'the checkout is installed and built already'],
      ['After an upgrade', 'it needs systemd'],
    ]);
  });

  it('installs nothing that the tests do not have', async () => {
    const packages = blocks.find(({ heading }) => heading === '1. Packages')?.text ?? '';
    const [, named = ''] = /--no-install-recommends ([\s\S]*)$/.exec(packages) ?? [];
    const setup = await readFile(join(root, 'test/setup'), 'utf8');
    const [, known = ''] = /^packages=\(([^)]*)\)/m.exec(setup) ?? [];
    const words = (text: string): string[] => text.split(/[\s\\]+/).filter((word) => word !== '');
    expect(words(named).length).toBeGreaterThan(5);
    expect(words(known)).toEqual(expect.arrayContaining(words(named)));
  });
});

describe.skipIf(!canRun())('the quick start', () => {
  let directory: string;
  let log = '';

  beforeAll(async () => {
    directory = await makeTempDir('quick-start');
    const steps = join(directory, 'steps');
    await mkdir(steps);
    await copyFile(join(here, 'run.sh'), join(steps, 'run.sh'));
    const scripts = [...run.map((block) => block.text), await readFile(join(here, 'serve.sh'), 'utf8')];
    for (const [at, text] of scripts.entries()) await writeFile(join(steps, `${at + 1}.sh`), text);
    const sandbox = await tryRun(
      findProgram('unshare') ?? 'unshare',
      [...NAMESPACES, 'bash', join(here, 'sandbox.sh'), directory, root],
      { timeoutMs: 280_000 },
    );
    if (sandbox.code !== 0) throw new Error(`the sandbox ended with ${sandbox.code}: ${sandbox.stderr}`);
    log = await readFile(join(steps, 'log'), 'utf8').catch(() => '');
  }, 300_000);

  afterAll(async () => {
    await removeTempDir(directory);
  });

  /** What step `at` (from 0) printed; fails with that and the logs where it did not end with 0. */
  async function outputOf(at: number): Promise<string> {
    const file = (name: string) =>
      readFile(join(directory, 'steps', `${at + 1}.${name}`), 'utf8').catch(() => undefined);
    const code = (await file('code'))?.trim() ?? 'not run, because one before it failed';
    const output = (await file('out')) ?? '';
    if (code !== '0') throw new Error(`exit code ${code}\n${output}\n--- logs\n${log.slice(-8_000)}`);
    return output;
  }

  it.each(
    run.map((block, at) => [`${block.heading} (line ${block.line})`, at] as const),
  )('runs: %s', async (_name, at) => {
    await outputOf(at);
  });

  it('finds nothing to complain about', async () => {
    const found = await outputOf(run.findIndex((block) => block.text.includes('posthorn check')));
    const rows = found.split('\n').filter((line) => /^\w+\.\S+ +\w/.test(line));
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter((line) => !/^\S+ +ok /.test(line))).toEqual([]);
  });

  it('sends the message with a sign-in over TLS', async () => {
    const answers = await outputOf(run.indexOf(under('11. Send a message')));
    expect(answers).toMatch(/^235 /m);
    expect(answers).toMatch(/^250 .*queued as/m);
    expect(answers).not.toMatch(/^[45]\d\d/m);
  });

  it('delivers the message, to be read by IMAP', async () => {
    const answers = await outputOf(run.indexOf(under('12. Read it')));
    expect(answers).toMatch(/^a OK/m);
    expect(answers).toContain('Subject: The first message');
  });

  it('shows what Dovecot has counted, and the sign-in', async () => {
    const shown = await outputOf(run.findIndex((block) => block.text.includes('posthorn account show')));
    expect(shown).toMatch(/^quota_used_messages +1$/m);
    expect(shown).toMatch(/^quota_used_bytes +[1-9]\d*$/m);
    expect(shown).toMatch(/^last_login +\d{4}-\d\d-\d\dT/m);
  });

  it('brings a unit whose command serves and ends in order', async () => {
    expect(await outputOf(run.length)).toContain('"status":"ready"');
  });
});
