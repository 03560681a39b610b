/** A package of ours as an upgrade finds it. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Replaces something in a file of the package, which must be there. */
export type Change = (file: string, from: string | RegExp, to: string) => void;

/**
 * Packs `extensions/<id>` as it is built, with another number, a schema step that adds a column to `table`, and whatever
 * `more` changes. Returns the path of the tarball.
 */
export function nextVersion(
  folder: string,
  id: string,
  table: string,
  more: (change: Change) => void = () => {},
): string {
  const source = fileURLToPath(new URL(`../../extensions/${id}/`, import.meta.url));
  const path = join(folder, id);
  for (const part of ['dist', 'locales', 'views', 'package.json'])
    cpSync(join(source, part), join(path, part), { recursive: true });
  const change: Change = (file, from, to) => {
    const before = readFileSync(join(path, file), 'utf8');
    const after = before.replace(from, to);
    expect(after, file).not.toBe(before);
    writeFileSync(join(path, file), after);
  };
  change('package.json', '"version": "0.1.0"', '"version": "0.1.1"');
  change('dist/index.js', "version: '0.1.0'", "version: '0.1.1'");
  change('dist/index.js', 'import ', "import { migration as nextStep } from '@posthorn/sdk';\nimport ");
  change(
    'dist/index.js',
    /migrations: \[([^\]]+)\]/,
    `migrations: [$1, nextStep({ name: '${id}/9001-next',
      up: (ddl) => ddl.addColumn('${table}', 'next', { type: 'boolean', default: false }),
      down: (ddl) => ddl.dropColumn('${table}', 'next') })]`,
  );
  more(change);
  const said = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: path, encoding: 'utf8' });
  return join(folder, said.trim().split('\n').at(-1) ?? '');
}
