import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A package as its author has it. */
export interface PackageSource {
  readonly name: string;
  readonly version: string;
  /** Of package.json; absent in a package that is no extension. */
  readonly block?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** By path. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes a package into a folder of its own below `folder`, and returns that. */
export async function writePackage(folder: string, p: PackageSource): Promise<string> {
  const path = join(folder, `${p.name.replace('/', '+')}-${p.version}-source`);
  const manifest = {
    ...{ name: p.name, version: p.version, type: 'module', peerDependencies: { '@posthorn/sdk': '^1.0.0' } },
    // As `npm create` has them: packages that an instance must not need.
    devDependencies: { '@posthorn/nowhere-to-be-found': '1.0.0' },
    dependencies: p.dependencies ?? {},
    ...(p.block === undefined ? {} : { posthorn: { sdk: '^1.0.0', entry: './index.js', ...p.block } }),
  };
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...p.files })) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}

/** Packs a package as npm publishes it, and returns the tarball. */
export async function packPackage(folder: string, p: PackageSource): Promise<string> {
  const args = ['pack', '--silent', '--pack-destination', folder];
  const said = execFileSync('npm', args, { cwd: await writePackage(folder, p), encoding: 'utf8' });
  return join(folder, said.trim().split('\n').at(-1) ?? '');
}
