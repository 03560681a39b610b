import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contributed, DatabaseTarget, ExtensionContext, FileSet, GeneratedFile, MapFile } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { md5 } from './checksums.js';
import { checkFileSet, type FileSetRequest, writeFileSet } from './writer.js';

const disk = vi.hoisted(() => ({
  failing: undefined as undefined | ((step: string, name: string) => string | undefined),
}));

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const maybeFail = (step: string, name: string): void => {
    const code = disk.failing?.(step, name);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  return {
    ...real,
    async open(path: string, flags: number, mode?: number) {
      maybeFail('open', path);
      const handle = await real.open(path, flags, mode);
      const write = handle.writeFile.bind(handle);
      handle.writeFile = async (...args: Parameters<typeof write>) => {
        // Half of it is on the disk when the disk is full.
        await handle.write(String(args[0]).slice(0, 10));
        maybeFail('write', path);
        await handle.truncate(0);
        return real.writeFile(path, ...(args as [string]));
      };
      return handle;
    },
    async rename(from: string, to: string) {
      maybeFail('rename', to);
      return real.rename(from, to);
    },
  };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-'));
  disk.failing = undefined;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const set: FileSet = {
  id: 'shop',
  title: 'Shop',
  summary: 'Write shop files',
  checksumFile: 'shop.chk',
  options: {},
  examples: [],
};
const sqlite: DatabaseTarget = {
  dialect: 'sqlite',
  path: '/srv/shop.sqlite',
  host: '',
  port: 0,
  socket: '',
  user: '',
  password: '',
  name: '',
};
const server: DatabaseTarget = {
  ...sqlite,
  dialect: 'postgresql',
  path: '',
  host: 'localhost',
  port: 5432,
  user: 'app',
  password: 'secret',
  name: 'shop',
};
const context = { find: () => ({ version: '1.2.3' }) } as unknown as ExtensionContext;

const from = <Item>(item: Item): Contributed<Item> => ({ from: 'shop', item });
const map = (name: string, query = 'SELECT 1'): Contributed<MapFile> =>
  from({
    set: 'shop',
    name,
    summary: 'A table',
    query: { sqlite: query, postgresql: `${query} -- pg`, mariadb: query },
  });
const generated = (name: string, o: Partial<GeneratedFile> = {}): Contributed<GeneratedFile> =>
  from({ set: 'shop', name, summary: 'A file', mode: 'public', comment: '#', render: () => 'content\n', ...o });

const request = (o: Partial<FileSetRequest> = {}): FileSetRequest => ({
  set,
  files: [],
  maps: [map('a.cf'), map('b.cf')],
  database: sqlite,
  directory,
  options: {},
  context,
  ...o,
});
const write = async (o: Partial<FileSetRequest> = {}) =>
  Object.fromEntries((await writeFileSet(request(o))).map(({ name, action }) => [name, action]));
const check = async (o: Partial<FileSetRequest> = {}) =>
  Object.fromEntries((await checkFileSet(request(o))).map(({ name, state }) => [name, state]));
const text = (name: string): string => readFileSync(join(directory, name), 'utf8');
const edit = (name: string, change: (text: string) => string): void =>
  writeFileSync(join(directory, name), change(text(name)));
const everything = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, text(name)]),
  );
const mode = (name: string): number => statSync(join(directory, name)).mode & 0o7777;

describe('writing a set of files', () => {
  it('creates, then finds everything unchanged to the byte', async () => {
    expect(await write()).toEqual({ 'a.cf': 'created', 'b.cf': 'created' });
    const first = everything();
    expect(Object.keys(first)).toEqual(['a.cf', 'b.cf', 'shop.chk']);
    expect(await write()).toEqual({ 'a.cf': 'unchanged', 'b.cf': 'unchanged' });
    expect(everything()).toEqual(first);
    expect(await check()).toEqual({ 'a.cf': 'same', 'b.cf': 'same' });
  });

  it('puts three lines of comment above the content, and records name, dialect and sum', async () => {
    await write({ options: { store_home: "/srv/it's", is_on: true, list: ['x', 'y'] } });
    const lines = text('a.cf').split('\n');
    expect(lines.slice(0, 3).every((line) => line.startsWith('# '))).toBe(true);
    expect(lines[0]).toBe('# Written by Posthorn 1.2.3: A table');
    expect(lines[1]).toBe(
      `# Command: posthorn shop write ${directory} --store-home '/srv/it'\\''s' --is-on --list x --list y`,
    );
    expect(lines.slice(3)).toEqual(['dbpath = /srv/shop.sqlite', 'query = SELECT 1', '']);
    expect(text('shop.chk')).toBe(`a.cf:sqlite:${md5(text('a.cf'))}\nb.cf:sqlite:${md5(text('b.cf'))}\n`);
  });

  it('does not let a line break in an option end the comment', async () => {
    await write({ options: { x: 'a\nquery = SELECT 2' } });
    expect(
      text('a.cf')
        .split('\n')
        .filter((line) => line.startsWith('query')),
    ).toEqual(['query = SELECT 1']);
  });

  it('renews what changed and leaves the rest', async () => {
    await write();
    expect(await write({ maps: [map('a.cf', 'SELECT 2'), map('b.cf')] })).toEqual({
      'a.cf': 'updated',
      'b.cf': 'unchanged',
    });
    expect(text('a.cf')).toContain('SELECT 2');
  });

  it('does not call another version or command line a change', async () => {
    await write();
    const before = everything();
    const other = { find: () => ({ version: '9.9.9' }) } as unknown as ExtensionContext;
    expect(await check({ context: other, options: { x: 1 } })).toEqual({ 'a.cf': 'same', 'b.cf': 'same' });
    await write({ context: other });
    expect(everything()).toEqual(before);
  });

  it('keeps an edit, as often as it runs, and lets the next version replace it once it is taken back', async () => {
    await write();
    const original = text('a.cf');
    edit('a.cf', (t) => `${t}# mine\n`);
    const edited = text('a.cf');
    const record = text('shop.chk');
    const maps = [map('a.cf', 'SELECT 2'), map('b.cf', 'SELECT 2')];
    expect(await check({ maps })).toEqual({ 'a.cf': 'edited', 'b.cf': 'differs' });
    for (const b of ['updated', 'unchanged', 'unchanged'])
      expect(await write({ maps })).toEqual({ 'a.cf': 'kept-by-hand', 'b.cf': b });
    expect(text('a.cf')).toBe(edited);
    expect(text('shop.chk').split('\n')[0]).toBe(record.split('\n')[0]);
    writeFileSync(join(directory, 'a.cf'), original);
    expect(await write({ maps })).toEqual({ 'a.cf': 'updated', 'b.cf': 'unchanged' });
  });

  it('replaces an edit with force', async () => {
    await write();
    edit('a.cf', () => 'mine\n');
    expect(await write({ force: true })).toEqual({ 'a.cf': 'updated', 'b.cf': 'unchanged' });
    expect(text('a.cf')).toContain('SELECT 1');
    expect(await check()).toEqual({ 'a.cf': 'same', 'b.cf': 'same' });
  });

  it('takes over a file without a record only where it says the same', async () => {
    await write();
    rmSync(join(directory, 'shop.chk'));
    edit('a.cf', (t) => t.replace('SELECT 1', 'SELECT 3'));
    expect(await write()).toEqual({ 'a.cf': 'kept-by-hand', 'b.cf': 'unchanged' });
    expect(text('shop.chk')).toBe(`b.cf:sqlite:${md5(text('b.cf'))}\n`);
    expect(await check()).toEqual({ 'a.cf': 'edited', 'b.cf': 'same' });
  });

  it('keeps the credentials of an unedited file and renews its query', async () => {
    await write({ database: server });
    const other = { ...server, user: 'other', password: 'new' };
    const maps = [map('a.cf', 'SELECT 2'), map('b.cf')];
    const [a, b] = await writeFileSet(request({ database: other, maps }));
    expect([a?.action, b?.action]).toEqual(['updated', 'unchanged']);
    expect(JSON.stringify(a?.reason)).toContain('credentials');
    expect(text('a.cf')).toContain('user = app\npassword = secret\n');
    expect(text('a.cf')).toContain('SELECT 2');
    expect(await check({ database: other, maps })).toEqual({ 'a.cf': 'same', 'b.cf': 'same' });
    expect(await write({ database: other, maps, force: true })).toEqual({ 'a.cf': 'updated', 'b.cf': 'updated' });
    expect(text('a.cf')).toContain('user = other\npassword = new\n');
  });

  it('keeps the credentials that an older tool wrote', async () => {
    const old = 'user = legacy\npassword = pw\ndbname = shop\nhosts = db1\nquery = OLD\n';
    writeFileSync(join(directory, 'a.cf'), old);
    writeFileSync(join(directory, 'shop.chk'), `a.cf:postgres:${md5(old)}\n`);
    expect(await write({ database: server })).toEqual({ 'a.cf': 'updated', 'b.cf': 'created' });
    expect(text('a.cf')).toContain(
      'user = legacy\npassword = pw\ndbname = shop\nhosts = db1\nquery = SELECT 1 -- pg\n',
    );
  });

  it('writes anew for another database', async () => {
    await write();
    expect(await check({ database: server })).toEqual({ 'a.cf': 'differs', 'b.cf': 'differs' });
    expect(await write({ database: server })).toEqual({ 'a.cf': 'updated', 'b.cf': 'updated' });
    expect(text('a.cf')).toContain('user = app');
    expect(text('shop.chk')).toMatch(/^a\.cf:postgresql:/);
  });

  it('hands a render what it wrote before, and nothing that was edited', async () => {
    const seen: (string | undefined)[] = [];
    const render: GeneratedFile['render'] = ({ previous }) => {
      seen.push(previous);
      return 'content';
    };
    const files = [generated('x.conf', { render })];
    await write({ files, maps: [] });
    await write({ files, maps: [] });
    await write({ files, maps: [], database: server });
    edit('x.conf', () => 'mine\n');
    await write({ files, maps: [] });
    expect(seen.map((one) => one?.includes('content'))).toEqual([undefined, true, undefined, undefined]);
  });

  it('writes nothing when one file cannot be made', async () => {
    const broken = generated('z.conf', {
      render: () => {
        throw new Error('no');
      },
    });
    await expect(write({ files: [broken] })).rejects.toThrow(/shop.*z\.conf.*no/);
    await expect(write({ files: [generated('z.conf', { render: () => 'a\u0007b' })] })).rejects.toThrow(
      /control character/,
    );
    await expect(write({ files: [generated('a.cf')] })).rejects.toThrow(/both contribute the file a\.cf/);
    await expect(write({ files: [generated('../x')] })).rejects.toThrow(/not a plain file name/);
    await expect(write({ files: [generated('shop.chk')] })).rejects.toThrow(/shop\.chk/);
    expect(everything()).toEqual({});
  });

  it('leaves other sets alone', async () => {
    const files = [from({ ...generated('x.conf').item, set: 'another' })];
    expect(await write({ files })).toEqual({ 'a.cf': 'created', 'b.cf': 'created' });
  });

  it('makes the directory, but not its parents', async () => {
    const below = join(directory, 'one');
    expect(await write({ directory: below })).toEqual({ 'a.cf': 'created', 'b.cf': 'created' });
    expect(statSync(below).mode & 0o777).toBe(0o755);
    await expect(write({ directory: join(directory, 'two', 'three') })).rejects.toThrow(/parent does not exist/);
    await expect(write({ directory: join(below, 'a.cf') })).rejects.toThrow(/not a directory/);
    await expect(check({ directory: join(directory, 'two') })).rejects.toThrow(/does not exist/);
    await expect(write({ directory: '/tmp/a\nb' })).rejects.toThrow(/control character/);
  });

  it('replaces a link, never what it points to', async () => {
    const outside = join(directory, 'outside');
    writeFileSync(outside, 'theirs\n');
    symlinkSync(outside, join(directory, 'a.cf'));
    expect(await write({ force: true })).toMatchObject({ 'a.cf': 'updated' });
    expect(text('outside')).toBe('theirs\n');
  });

  it('refuses what is no regular file', async () => {
    execFileSync('mkfifo', [join(directory, 'a.cf')]);
    await expect(write({ force: true })).rejects.toThrow(/not a regular file/);
  });
});

describe('rights of written files', () => {
  it('lets everybody read what holds no secret, and run programs, whatever the umask is', async () => {
    const before = process.umask(0o077);
    try {
      await write({ files: [generated('run.sh', { mode: 'program', firstLine: '#!/bin/sh' })] });
    } finally {
      process.umask(before);
    }
    expect([mode('a.cf'), mode('run.sh'), mode('shop.chk')]).toEqual([0o644, 0o755, 0o644]);
    expect(text('run.sh').startsWith('#!/bin/sh\n# Written by Posthorn')).toBe(true);
    expect(await write({ files: [generated('run.sh', { mode: 'program', firstLine: '#!/bin/sh' })] })).toMatchObject({
      'run.sh': 'unchanged',
    });
  });

  it('closes secrets to all but the owner, or opens them to one group', async () => {
    const unknown = { ...set, group: 'nobody-has-this-group' };
    const [a] = await writeFileSet(request({ set: unknown, database: server }));
    expect([mode('a.cf'), mode('shop.chk')]).toEqual([0o600, 0o600]);
    expect(JSON.stringify(a?.reason)).toContain('nobody-has-this-group');
    if (process.geteuid?.() !== 0) return;
    await writeFileSet(
      request({ set: { ...set, group: 'daemon' }, database: server, directory: join(directory, 'sub') }),
    );
    const found = statSync(join(directory, 'sub', 'a.cf'));
    expect([found.mode & 0o777, found.uid, found.gid > 0]).toEqual([0o640, 0, true]);
  });

  it('closes a secret that somebody opened', async () => {
    await write({ database: server });
    chmodSync(join(directory, 'a.cf'), 0o666);
    const [a] = await writeFileSet(request({ database: server }));
    expect(a).toMatchObject({ action: 'unchanged' });
    expect(JSON.stringify(a?.reason)).toContain('permissions');
    expect(mode('a.cf') & 0o007).toBe(0);
  });
});

describe('a disk that fails', () => {
  const maps = [map('a.cf', 'SELECT 2'), map('b.cf', 'SELECT 2'), map('c.cf', 'SELECT 2')];
  const kinds = {
    ENOSPC: 'failure',
    EDQUOT: 'failure',
    EROFS: 'configuration',
    EACCES: 'configuration',
    EIO: 'failure',
  } as const;

  it.each(Object.entries(kinds))('%s: every old file stays whole, nothing is left behind', async (code, kind) => {
    await write();
    const before = everything();
    for (const [step, name] of [
      ['write', '.a.cf.'],
      ['write', '.b.cf.'],
      ['write', '.c.cf.'],
      ['write', '.shop.chk.'],
      ['open', '.b.cf.'],
      ['rename', 'shop.chk'],
    ] as const) {
      disk.failing = (at, path) => (at === step && path.includes(name) ? code : undefined);
      const failure = await write({ maps }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'Problem', kind });
      expect(String(failure)).toContain(directory);
      expect(everything()).toEqual(before);
    }
    disk.failing = undefined;
    expect(await write({ maps })).toEqual({ 'a.cf': 'updated', 'b.cf': 'updated', 'c.cf': 'created' });
  });

  it('knows its own files again when it fell over between two of them', async () => {
    await write();
    disk.failing = (at, path) => (at === 'rename' && path.endsWith('b.cf') ? 'EIO' : undefined);
    await expect(write({ maps })).rejects.toThrow(/b\.cf/);
    expect(text('a.cf')).toContain('SELECT 2');
    expect(text('b.cf')).toContain('SELECT 1');
    disk.failing = undefined;
    const newer = [map('a.cf', 'SELECT 3'), map('b.cf', 'SELECT 3')];
    expect(await write({ maps: newer })).toEqual({ 'a.cf': 'updated', 'b.cf': 'updated' });
    expect(text('shop.chk').trim().split('\n').length).toBe(3);
    expect(await check({ maps: newer })).toEqual({ 'a.cf': 'same', 'b.cf': 'same' });
  });
});
