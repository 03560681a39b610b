/** What the operators' documents list is what the program has: no more, no less. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { shellBlocks } from './blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
/** The first cell of each row of the tables under a heading, without the head. */
function firstCells(markdown: string, heading: string): string[] {
  const [, section = ''] = markdown.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const rows = section.split(/^#/m)[0]?.match(/^\| .*$/gm) ?? [];
  return rows.slice(1).map((row) => row.split('|')[1]?.trim().replaceAll('`', '') ?? '');
}

describe('the documents for operators', () => {
  let instance: Instance;
  let commands: string;

  beforeAll(async () => {
    instance = await freshInstance();
    commands = await read('docs/operators/commands.md');
  });

  afterAll(async () => {
    await instance?.remove();
  });

  it('list every noun with its verbs', async () => {
    const { stdout } = await instance.must(['--help']);
    const [, wrapped = ''] = stdout.split('Commands:\n');
    const listed = wrapped.replace(/\n {20,}/g, ' ');
    const own = firstCells(commands, 'The program itself').map((cell) => cell.split(' ')[0]);
    const actual = [...listed.matchAll(/^ {2}([\w-]+)(?: [[<][\w.]+[\]>])* {2,}(.+)$/gm)]
      .filter(([, noun]) => !own.includes(noun) && noun !== 'help')
      // A noun that is its own verb shows what it does instead.
      .map(
        ([, noun, verbs = '']) => `${noun}: ${verbs.split(', ').every((verb) => /^[\w-]+$/.test(verb)) ? verbs : ''}`,
      );
    expect(own).toEqual(['init', 'serve', 'worker']);
    const rows = [...commands.matchAll(/^\| `([\w-]+)` \| ([\w, -]*) ?\| /gm)].map(
      ([, noun, verbs]) => `${noun}: ${verbs?.trim()}`,
    );
    expect(rows.sort()).toEqual(actual.sort());
  });

  it('show only examples that work', async () => {
    const [example = ''] = commands.split('## Examples').slice(1);
    const lines = example.match(/^posthorn .+$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(3);
    await instance.must(['domain', 'create', 'example.org']);
    await instance.must(['account', 'create', 'anna@example.org']);
    for (const line of lines) {
      const { code, stderr } = await instance.posthorn(line.split(' ').slice(1));
      // `check` may find something on this machine.
      expect(line.includes(' check ') ? [0, 1] : [0], `${line}: ${stderr}`).toContain(code);
    }
  });

  it('list every setting', async () => {
    const written = await readFile(join(instance.directory, 'posthorn.yaml'), 'utf8');
    const keys = [...written.matchAll(/^(?:# )?(\w+):(?: |$)/gm)].map(([, key]) => key);
    expect(
      firstCells(await read('docs/operators/configuration.md'), 'posthorn.yaml')
        .filter((cell) => /^[a-z_]+$/.test(cell))
        .sort(),
    ).toEqual([...new Set(keys)].sort());
  });

  it('list every file that is written for the mail servers', async () => {
    const servers = await read('docs/operators/mail-servers.md');
    for (const [set, ...options] of [
      ['maps'],
      ['dovecot', '--mail-home', '/srv/vmail', '--uid', '5000', '--gid', '5000'],
    ]) {
      const directory = join(instance.directory, 'run', set as string);
      await instance.must([set as string, 'write', directory, ...options]);
      const files = (await readdir(directory)).filter((name) => !name.endsWith('.chk'));
      expect(firstCells(servers, `What \`posthorn ${set} write DIR\` writes`).sort()).toEqual(files.sort());
    }
  });

  it('say in the README how to begin', async () => {
    const blocks = shellBlocks(await read('README.md')).map(({ text }) => text.trim());
    expect(blocks.slice(0, 2)).toEqual(['npm ci && npm start', 'npm ci && npm test']);
    const steps = (blocks[2] ?? '').split('\n');
    expect(steps.length).toBeGreaterThan(3);
    for (const step of steps) {
      const [, words] = /^npm run -s posthorn -- --instance instance (.+)$/.exec(step) ?? [];
      await instance.must((words ?? `not a first step: ${step}`).split(' '));
    }
  });
});
