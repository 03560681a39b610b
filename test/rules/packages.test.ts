import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, read, root } from './source-files.js';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  readonly license?: string;
  readonly description?: string;
  readonly type?: string;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly engines?: { readonly node?: string };
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const folders = (JSON.parse(read('package.json')) as { workspaces: readonly string[] }).workspaces
  .flatMap((pattern) =>
    pattern.endsWith('/*')
      ? [
          ...new Set(
            projectFiles().flatMap(
              (f) => new RegExp(`^(${pattern.slice(0, -1)}[^/]+)/package\\.json$`).exec(f)?.[1] ?? [],
            ),
          ),
        ]
      : [pattern],
  )
  .map((folder) => ({ folder, manifest: JSON.parse(read(`${folder}/package.json`)) as Manifest }));
const published = folders.filter(({ manifest }) => manifest.private !== true);
const versions = new Map(folders.map(({ manifest }) => [manifest.name, manifest.version]));

describe('what is published', () => {
  it('is found', () => expect(published.length).toBeGreaterThan(5));

  it.each(published)('$folder says what it is, under which licence, and for which Node', ({ folder, manifest }) => {
    expect(manifest).toMatchObject({ license: 'MIT', type: 'module', engines: { node: '>=24.0.0' } });
    expect(manifest.description?.length).toBeGreaterThan(10);
    expect(read(`${folder}/LICENSE`)).toBe(read('LICENSE'));
    expect(read(`${folder}/README.md`)).toContain(`# ${manifest.name}\n`);
  });

  it.each(published)('$folder publishes its build without its leavings, and types come first', ({
    folder,
    manifest,
  }) => {
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', '!dist/.tsbuildinfo', '!dist/**/*.map']));
    for (const file of manifest.files ?? [])
      if (!file.startsWith('!') && file !== 'dist') expect(existsSync(join(root, folder, file)), file).toBe(true);
    expect(manifest.exports?.['./package.json']).toBe('./package.json');
    for (const target of Object.values(manifest.exports ?? {}))
      if (typeof target !== 'string') expect(Object.keys(target)).toEqual(['types', 'default']);
    for (const path of Object.values(manifest.bin ?? {}))
      expect(read(`${folder}/${path}`)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it.each(folders)('$folder names our packages in the versions that they have', ({ manifest }) => {
    for (const kind of ['dependencies', 'peerDependencies', 'devDependencies'] as const)
      for (const [name, range] of Object.entries(manifest[kind] ?? {}))
        if (versions.has(name)) expect(range.replace(/^\^/, ''), `${manifest.name}: ${name}`).toBe(versions.get(name));
  });
});
