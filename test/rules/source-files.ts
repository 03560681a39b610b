import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every file git tracks or would track, relative to the repository. */
export function projectFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Source without comments, so that a rule about code does not stumble over a sentence. Strings stay. */
export const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

/** Module specifiers of static, dynamic and type imports. */
export function importsOf(source: string): readonly string[] {
  const found: string[] = [];
  for (const m of withoutComments(source).matchAll(
    /(?:^(?:import|export)\b[^'"`;]*?\bfrom\s+|\bimport\s*\(\s*|^import\s+)['"]([^'"]+)['"]/gm,
  ))
    found.push(m[1] as string);
  return found;
}
