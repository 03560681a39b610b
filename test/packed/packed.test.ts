/**
 * What a stranger does with the packages as they are published: in empty folders, with nothing but their tarballs and
 * npm's registry. The commands are those of the tutorial for authors.
 */
import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { freePort, makeTempDir, removeTempDir, until } from '@posthorn/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../http/browser.js';
import { shellBlocks } from '../quick-start/blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['sdk', 'sdk/create', 'core', 'host', 'extensions/admin', 'extensions/limits', 'test/kit'];
const FOR_AUTHORS = /posthorn-(sdk|core|host|admin|testkit)-/;
/** All of it takes about a minute; a machine that is busy with other things gets more for each part. */
const LONGEST_MS = 240_000;
const PASSWORD = 'Wind-in-42-Weiden';
const NO_REGISTRY = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|ENETUNREACH/;

/** A stranger's shell: nothing of this repository, but the same npm, cache and registry. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      /^(HOME|TMPDIR|npm_config_(cache|registry|userconfig))$/i.test(name),
    ),
  ),
  LC_ALL: 'C.UTF-8',
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
  npm_config_ignore_scripts: 'true',
};

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let base: string;
const at = (...parts: readonly string[]): string => join(base, ...parts);

function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const PATH = [at('home', 'node_modules', '.bin'), environment['PATH']].join(delimiter);
  return new Promise((resolve) => {
    const o = { cwd, env: { ...environment, PATH }, timeout: LONGEST_MS, maxBuffer: 16 * 1024 * 1024 };
    execFile(command, args, o, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    );
  });
}

async function must(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  const ran = await run(command, args, cwd);
  if (ran.code !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${ran.code}:\n${ran.stdout}\n${ran.stderr}`);
  return ran;
}

const posthorn = (...args: readonly string[]): Promise<Ran> =>
  must('posthorn', [...args, '--instance', at('instance')], base);

const tarballs = (wanted: RegExp): readonly string[] =>
  readdirSync(at('packed'))
    .filter((name) => wanted.test(name))
    .map((name) => at('packed', name));

/** Why nothing can be installed here; undefined where it can. */
let noRegistry: string | undefined;
let chapters: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  base = await makeTempDir('packed');
  await mkdir(at('packed'));
  await mkdir(at('home'));
  await Promise.all(
    PACKAGES.map((each) => must('npm', ['pack', '--pack-destination', at('packed')], join(root, each))),
  );
  await writeFile(at('home', 'package.json'), '{"private":true}\n');
  const installed = await run('npm', ['install', ...tarballs(/\.tgz$/)], at('home'));
  if (NO_REGISTRY.test(installed.stderr)) {
    noRegistry = 'no registry of npm can be reached';
    process.stderr.write(`suite packed did not run: ${noRegistry}\n`);
    return;
  }
  expect(installed.code, installed.stderr).toBe(0);
  await writeFile(at('password'), `${PASSWORD}\n`);
  await must(
    'posthorn',
    ['init', at('instance'), '--no-input', '--extensions', 'all', '--admin-password-file', at('password')],
    base,
  );
  const blocks = shellBlocks(await readFile(join(root, 'docs/authors/tutorial.md'), 'utf8'));
  chapters = new Map(blocks.map(({ heading, text }) => [heading, text.trim().split('\n')]));
}, LONGEST_MS);
afterAll(async () => {
  if (base !== undefined) await removeTempDir(base);
});

/** A line of the tutorial, with the tarballs instead of what is not published. */
async function follow(line: string, cwd: string): Promise<Ran> {
  const [, created] = /^npm create @posthorn\/extension -- (.+)$/.exec(line) ?? [];
  if (created !== undefined) return must('sh', ['-ec', `create-extension ${created}`], cwd);
  if (line === 'npm install') return must('npm', ['install', '--save-dev', ...tarballs(FOR_AUTHORS)], cwd);
  return must('sh', ['-ec', line], cwd);
}

async function chapter(heading: string, cwd: string): Promise<void> {
  const lines = chapters.get(heading);
  expect(lines, `the tutorial has no commands under ${heading}`).toBeDefined();
  for (const line of lines ?? []) if (!line.startsWith('cd ')) await follow(line, cwd);
}

/** What an instance's database says of one extension. */
function kept(): readonly string[] {
  const database = new DatabaseSync(at('instance', 'data', 'db', 'posthorn.db'), { readOnly: true });
  try {
    const all = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => String(Object.values(row)[0]));
    return [
      ...all("select 'table ' || name from sqlite_schema where name like 'acme_notes%' and type = 'table'"),
      ...all("select 'grant ' || permission from core_grant where extension = 'acme-notes'"),
      ...all("select 'parameter of ' || extension from core_parameter where extension = 'acme-notes'"),
      ...all("select 'step ' || name from core_migration where name like 'acme-notes/%'"),
      ...all("select 'job ' || name from core_job where extension = 'acme-notes'"),
      ...all("select 'wish for ' || id from core_extension where id = 'acme-notes'"),
    ];
  } finally {
    database.close();
  }
}

describe('the packages as they are published', () => {
  it('make, test and pack an extension', { timeout: LONGEST_MS }, async ({ skip }) => {
    if (noRegistry !== undefined) skip(noRegistry);
    await chapter('Make it', base);
    await chapter('Build and test it', at('acme-notes'));
    const left = await run(
      'grep',
      ['-rniE', '__|TODO|%[a-z]+%', 'src', 'views', 'locales', 'README.md'],
      at('acme-notes'),
    );
    expect(left.stdout).toBe('');
  });

  it('show it in an instance that serves, and take it away again', { timeout: LONGEST_MS }, async ({ skip }) => {
    if (noRegistry !== undefined) skip(noRegistry);
    const port = await freePort();
    const child = spawn('posthorn', ['serve', '--listen', `127.0.0.1:${port}`, '--instance', at('instance')], {
      cwd: base,
      env: { ...environment, PATH: [at('home', 'node_modules', '.bin'), environment['PATH']].join(delimiter) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    try {
      await until('the instance to serve', 30, () => output.includes('listens on'));
      await posthorn('domain', 'create', 'a.test');
      const admin = new Browser(port);
      expect((await admin.signIn('admin', PASSWORD)).status).toBe(303);
      const isThere = async () => (await admin.ask('/acme-notes/')).status === 200;
      expect(await isThere()).toBe(false);

      await chapter('Try it in an instance', at('acme-notes'));
      await until('its page', 30, isThere);
      const list = await admin.ask('/acme-notes/');
      expect(list.body).toContain('There are no notes yet');
      expect(list.body).toMatch(/class="ph-side-link" href="\/acme-notes\/"/);
      const editor = await admin.ask('/admin/domains/a.test/edit/');
      expect(editor.body).toContain('name="acme-notes.note"');
      expect((await admin.ask('/core/jobs/')).body).toContain('Remove old notes');
      expect((await posthorn('parameter', 'set', 'acme-notes.keep_days', '7', '--json')).stdout).toContain('7');
      // Nobody but those who hold the permission.
      expect((await new Browser(port).ask('/acme-notes/')).status).toBe(303);
      expect(kept()).toEqual(
        expect.arrayContaining(['table acme_notes_note', 'grant acme-notes.view_notes', 'wish for acme-notes']),
      );

      const lines = chapters.get('Take it away again') ?? [];
      await follow(lines[0] ?? '', at('acme-notes'));
      await until('its page to go', 30, async () => (await admin.ask('/acme-notes/')).status === 404);
      expect(kept()).toContain('table acme_notes_note');
      for (const line of lines.slice(1)) await follow(line, at('acme-notes'));
      expect(kept()).toEqual([]);
      expect(await readFile(at('instance', 'package.json'), 'utf8')).not.toContain('acme-notes');
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
});
