/** Whatever is marked as deprecated has its page in `docs/changes`, and the list of changes names it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, read, root, withoutComments } from './source-files.js';

/** The names of what a source marks; a mark that is not written out where it is made has none. */
function marksIn(source: string): readonly (string | undefined)[] {
  return [
    ...withoutComments(source).matchAll(/\b(deprecated|deprecatedField)\((.*?)(?=\bdeprecated(?:Field)?\(|;|$)/gs),
  ].map(([, made, all = '']) => {
    const id = /'([a-z][\w.-]*@\d+)'/.exec(all)?.[1];
    const named = /\bname: '([^']+)'/.exec(all)?.[1];
    const field = /'(\w+)',\s*\{\s*since:/.exec(all)?.[1];
    if (made === 'deprecated') return named ?? id;
    return id === undefined || field === undefined ? undefined : `${field} of ${id}`;
  });
}

const pageOf = (name: string): string => `${name.replaceAll(/[ @]/g, '-')}.md`;

describe('deprecations', () => {
  const sources = projectFiles().filter(
    (file) =>
      /^(sdk\/src|core\/src|extensions)\/.*\.ts$/.test(file) && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'),
  );

  it('have a page each, and stand in the list of changes', () => {
    const list = read('docs/changes/README.md');
    const wrong = sources
      // Not marks, but mistakes in making them.
      .filter((file) => file !== 'sdk/src/negative-types.ts')
      .flatMap((file) =>
        marksIn(read(file)).flatMap((name) => {
          if (name === undefined) return [`${file} marks something that has no name of its own there`];
          const page = pageOf(name);
          return existsSync(join(root, 'docs/changes', page)) && list.includes(`](${page})`)
            ? []
            : [`${file} marks ${name}: docs/changes/${page} is missing, or not in the list`];
        }),
      );
    expect(wrong).toEqual([]);
  });

  it('are found in sources', () => {
    const mark = "{ since: '1.4.0', gone: '2.0.0', use: 'host.menu@2' }";
    expect(marksIn(`export const menu = deprecated(slot<MenuEntry>('host.menu@1'), ${mark});`)).toEqual([
      'host.menu@1',
    ]);
    expect(
      marksIn(`deprecated(\n  hook.signal<{ a: 1 }>('acme.made@1', {\n    subject,\n  }),\n  ${mark},\n)`),
    ).toEqual(['acme.made@1']);
    expect(marksIn(`deprecatedField(slot<Item>('acme.shelf@2'), 'colour', ${mark})`)).toEqual([
      'colour of acme.shelf@2',
    ]);
    expect(marksIn(`deprecated(contribute(menu, e), { name: 'menuEntry', since: '1.4.0' })`)).toEqual(['menuEntry']);
    expect(marksIn('deprecated(menu, mark)')).toEqual([undefined]);
    expect(marksIn('// deprecated(menu, mark)\nexport const deprecated = <T>(what: T) => what;')).toEqual([]);
    expect(pageOf('colour of acme.shelf@2')).toBe('colour-of-acme.shelf-2.md');
  });
});
