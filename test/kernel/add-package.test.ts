import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTempDir, removeTempDir } from '@posthorn/testkit/servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discover } from '../../core/src/assembly/discover.js';
import { addPackage, removePackage } from '../../core/src/packages/add-package.js';
import { typedSource } from '../../core/src/packages/fetch-package.js';
import { linkVersion, removeUnused, versionFolder } from '../../core/src/packages/version-folders.js';
import { packPackage, writePackage } from '../host/package-sources.js';

const sdk = fileURLToPath(new URL('../../sdk', import.meta.url));
let base: string;
let directory: string;

const source = (name: string, version = '1.0.0') => {
  const id = name.replace(/^.*[+/]|^posthorn-/, '');
  const code = `export default { id: '${id}', version: '${version}', sdk: '^1.0.0', title: '${id}', requires: {} };`;
  return { name, version, block: { id }, files: { 'index.js': code } };
};
const kept = async () => (await readdir(join(directory, 'packages')).catch(() => [])).sort();

beforeEach(async () => {
  base = await makeTempDir('add');
  directory = join(base, 'instance');
  await mkdir(join(directory, 'node_modules/@posthorn'), { recursive: true });
  await symlink(sdk, join(directory, 'node_modules/@posthorn/sdk'));
  await writeFile(join(directory, 'package.json'), '{"private":true,"dependencies":{}}');
});
afterEach(() => removeTempDir(base));

describe('what may be added', () => {
  it.each([
    'git+https://example.test/acme/notes.git',
    'https://example.test/notes.tgz',
    'acme/notes',
    'github:acme/notes',
    'npm:notes@1.0.0',
    'notes@npm:other@1.0.0',
    'notes@git+ssh://git@example.test/notes',
    'file:../notes',
    'workspace:*',
    './nowhere.tgz',
    '../..//nowhere',
    '--global',
    'notes --global',
    '@acme',
    '',
  ])('is not %j', async (wanted) => {
    await expect(addPackage(directory, typedSource(wanted))).rejects.toMatchObject({
      code: 'E_PACKAGE_INSTALL',
      message: expect.stringMatching(/must be a package of the registry/),
    });
    expect(await kept()).toEqual([]);
  });

  it('is a tarball, whatever its file is called, and a folder; each is in its own folder', async () => {
    const files = [];
    for (const name of ['posthorn-one', 'posthorn-two', '@acme/one']) {
      const folder = join(base, String(files.length));
      await mkdir(folder);
      const file = join(folder, 'notes.tgz');
      await cp(
        await packPackage(folder, {
          ...source(name),
          block: { id: `n${files.length}` },
          files: {
            'index.js': `export default { id: 'n${files.length}', version: '1.0.0', sdk: '^1.0.0', title: 'n', requires: {} };`,
          },
        }),
        file,
      );
      files.push(file);
    }
    for (const file of files) await addPackage(directory, typedSource(file));
    await addPackage(directory, typedSource(await writePackage(base, source('posthorn-folder'))));
    expect(await kept()).toEqual(
      ['node_modules', 'posthorn-folder-1.0.0', 'posthorn-one-1.0.0', 'posthorn-two-1.0.0', '@acme+one-1.0.0'].sort(),
    );
    const found = await discover(directory);
    expect(found.map(({ id, package: name }) => `${id} ${name}`)).toEqual([
      'n2 @acme/one',
      'folder posthorn-folder',
      'n0 posthorn-one',
      'n1 posthorn-two',
    ]);
    expect(found.every(({ problem }) => problem === undefined)).toBe(true);
    const before = await kept();
    await expect(addPackage(directory, typedSource(files[0] ?? ''))).rejects.toMatchObject({
      code: 'E_PACKAGE_PRESENT',
    });
    expect(await kept()).toEqual(before);
    for (const { package: name } of found) expect(await removePackage(directory, name)).toBeUndefined();
    expect(await kept()).toEqual([]);
    expect(await readFile(join(directory, 'package.json'), 'utf8')).toBe('{"private":true,"dependencies":{}}');
  });

  it('is not what another version of is there; that is an upgrade', async () => {
    await addPackage(directory, typedSource(await writePackage(base, source('posthorn-one'))));
    const before = await kept();
    const newer = await writePackage(base, source('posthorn-one', '2.0.0'));
    await expect(addPackage(directory, typedSource(newer))).rejects.toMatchObject({ code: 'E_PACKAGE_PRESENT' });
    expect(await kept()).toEqual(before);
  });

  it('writes nothing outside its folder, whatever names a tarball holds', async () => {
    const folder = join(base, 'evil');
    const path = await writePackage(folder, source('posthorn-evil'));
    await cp(path, join(folder, 'package'), { recursive: true });
    await writeFile(join(folder, 'escaped.txt'), 'escaped');
    await symlink('/etc/hostname', join(folder, 'package/link'));
    const names = ['package', 'package/../../../../../escaped.txt', '../../escaped.txt', `${folder}/escaped.txt`];
    await mkdir(join(folder, 'a/b/c/d/e'), { recursive: true });
    const transforms = names.slice(1).flatMap((name, i) => ['--transform', `s#^escaped${i}.txt$#${name}#`]);
    for (const i of names.slice(1).keys()) await cp(join(folder, 'escaped.txt'), join(folder, `escaped${i}.txt`));
    const members = ['package', ...names.slice(1).map((_, i) => `escaped${i}.txt`)];
    execFileSync('tar', ['-P', '-C', folder, ...transforms, '-czf', join(base, 'evil.tgz'), ...members]);
    expect(execFileSync('tar', ['-P', '-tzf', join(base, 'evil.tgz')], { encoding: 'utf8' })).toContain(
      '../../escaped.txt',
    );
    await removeTempDir(folder);
    await addPackage(directory, typedSource(join(base, 'evil.tgz'))).catch(() => undefined);
    const all = (await readdir(base, { recursive: true })).filter((name) => name.endsWith('escaped.txt'));
    // One that is absolute in the tarball may lie in the package.
    expect(all.filter((name) => !name.includes('/posthorn-evil/'))).toEqual([]);
    expect(await readdir(join(directory, 'packages/posthorn-evil-1.0.0/node_modules/posthorn-evil'))).not.toContain(
      'link',
    );
  });
});

describe('versions that do not count any more', () => {
  it('stay while a process may read them, and go later', async () => {
    await addPackage(directory, typedSource(await writePackage(base, source('posthorn-one'))));
    const [older, newer] = ['0.9.0', '1.1.0'].map((version) => versionFolder(directory, 'posthorn-one', version));
    for (const each of [older, newer])
      await cp(versionFolder(directory, 'posthorn-one', '1.0.0'), each ?? '', { recursive: true });
    await linkVersion(directory, 'posthorn-one', newer);
    const all = ['node_modules', 'posthorn-one-0.9.0', 'posthorn-one-1.0.0', 'posthorn-one-1.1.0'];
    await removeUnused(directory, () => false);
    expect(await kept()).toEqual(all);
    const long = new Date(Date.now() - 3_600_000);
    for (const name of all.slice(1)) await utimes(join(directory, 'packages', name), long, long);
    await removeUnused(directory, (name, version) => name === 'posthorn-one' && version === '0.9.0');
    expect(await kept()).toEqual(['node_modules', 'posthorn-one-0.9.0', 'posthorn-one-1.1.0']);
    await removeUnused(directory, () => false);
    expect(await kept()).toEqual(['node_modules', 'posthorn-one-1.1.0']);
  });
});
