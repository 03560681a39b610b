import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../sdk/create/bin/create-extension.js', import.meta.url));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-create-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const create = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end();
  });

const read = (...path: readonly string[]): Promise<string> => readFile(join(folder, ...path), 'utf8');
async function allText(name: string): Promise<string> {
  const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n') + files.join('\n');
}

describe('npm create @posthorn/extension', () => {
  it('names everything after the extension and leaves nothing of the template', async () => {
    const made = await create(
      '--id',
      'bell-tower',
      '--title',
      'Glocken (Turm)',
      '--dir',
      'x',
      '--license',
      'ISC',
      '--yes',
    );
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('cd x');
    const text = await allText('x');
    expect(text).not.toMatch(/acme/i);
    expect(text).toContain("createTable('bell_tower_note'");
    expect(text).toContain("'bell-tower.view_notes'");
    const manifest = JSON.parse(await read('x', 'package.json'));
    expect(manifest).toMatchObject({
      name: 'posthorn-bell-tower',
      license: 'ISC',
      posthorn: { id: 'bell-tower', requires: { admin: expect.stringMatching(/^\^/) } },
      keywords: ['posthorn-extension'],
    });
    expect(await read('x', 'LICENSE')).toContain('ISC License');
    expect(await read('x', '.gitignore')).toContain('dist/');
    const catalogue = Object.keys(JSON.parse(await read('x', 'locales', 'fr.json')));
    expect(catalogue).toContain('Glocken (Turm)');
    expect(catalogue).toEqual(catalogue.toSorted());
  });

  it('asks nothing where nobody can answer, and has a default for everything', async () => {
    expect((await create()).code).toBe(0);
    expect(JSON.parse(await read('posthorn-acme-notes', 'package.json'))).toMatchObject({ license: 'MIT' });
  });

  it.each([
    [['--id', 'Bell'], /lower case letters/],
    [['--id', 'host'], /The id host is taken/],
    [['--id', 'bell', '--title', "Anna's"], /A title is at most/],
    [['--license', 'BSL'], /There is MIT, ISC, UNLICENSED/],
    [['--nonsense'], /Usage: npm create/],
  ])('refuses %j and makes nothing', async (args, says) => {
    const refused = await create(...args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(says);
    expect(await readdir(folder)).toEqual([]);
  });

  it('touches no folder that has something in it', async () => {
    await writeFile(join(folder, 'mine.txt'), 'mine');
    const refused = await create('--dir', '.', '--yes');
    expect(refused).toMatchObject({ code: 2, stderr: '. is not empty.\n' });
    expect(await readdir(folder)).toEqual(['mine.txt']);
  });

  it('says how it is used', async () => {
    const { code, stdout } = await create('--help');
    expect(code).toBe(0);
    for (const option of ['--id', '--title', '--dir', '--license', '--author', '--yes'])
      expect(stdout).toContain(option);
  });
});
