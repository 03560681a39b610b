import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, projectFiles, read } from './source-files.js';

interface Import {
  readonly file: string;
  readonly to: string;
}

const isTest = (file: string): boolean => /\.(test|testdata)\.ts$/.test(file);
const sources = projectFiles().filter((f) => /\.ts$/.test(f) && !f.endsWith('.d.ts'));
const imports: readonly Import[] = sources.flatMap((file) => importsOf(read(file)).map((to) => ({ file, to })));
const of = (prefix: string): readonly Import[] => imports.filter((i) => i.file.startsWith(prefix) && !isTest(i.file));
const isNode = (to: string): boolean => to.startsWith('node:');
const isRelative = (to: string): boolean => to.startsWith('.');
const packageOf = (to: string): string =>
  to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] as string);
const say = (list: readonly Import[]): readonly string[] => list.map((i) => `${i.file} imports ${i.to}`);

const extensionIds = [
  ...new Set(sources.filter((f) => f.startsWith('extensions/')).map((f) => f.split('/')[1] as string)),
];

describe('who may import whom', () => {
  it('finds sources at all', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(extensionIds).toContain('admin');
  });

  it('sdk: itself, zod and MikroORM', () => {
    const allowed = new Set(['zod', '@mikro-orm/core']);
    expect(
      say(of('sdk/src/').filter(({ to }) => !isRelative(to) && !isNode(to) && !allowed.has(packageOf(to)))),
    ).toEqual([]);
  });

  it('create-extension: Node and what asks questions', () => {
    const { dependencies } = JSON.parse(read('sdk/create/package.json')) as { dependencies: Record<string, string> };
    expect(
      say(of('sdk/create/src/').filter(({ to }) => !isRelative(to) && !isNode(to) && !(packageOf(to) in dependencies))),
    ).toEqual([]);
  });

  it('the template: what any extension may import, and the test kit in its tests', () => {
    const allowed = (file: string): readonly string[] =>
      file.includes('/test/')
        ? ['@posthorn/admin/contract', '@posthorn/testkit', '@posthorn/testkit/conformance', 'vitest']
        : ['@posthorn/sdk', '@posthorn/admin/contract'];
    const wrong = imports.filter(
      ({ file, to }) =>
        file.startsWith('sdk/create/template/') && !isRelative(to) && !isNode(to) && !allowed(file).includes(to),
    );
    expect(say(wrong)).toEqual([]);
  });

  it('core: the sdk and its own dependencies, never host or an extension', () => {
    const { dependencies } = JSON.parse(read('core/package.json')) as { dependencies: Record<string, string> };
    // pg and mysql2 come with MikroORM's drivers; core names their types only.
    const allowed = new Set([...Object.keys(dependencies), 'pg', 'mysql2']);
    expect(
      say(of('core/src/').filter(({ to }) => !isRelative(to) && !isNode(to) && !allowed.has(packageOf(to)))),
    ).toEqual([]);
  });

  it('host: the sdk, core and its own dependencies', () => {
    const { dependencies } = JSON.parse(read('host/package.json')) as { dependencies: Record<string, string> };
    expect(
      say(of('host/src/').filter(({ to }) => !isRelative(to) && !isNode(to) && !(packageOf(to) in dependencies))),
    ).toEqual([]);
  });

  it('the supervisor loads nothing but Node', () => {
    const seen = new Set<string>();
    const visit = (file: string): readonly Import[] => {
      if (seen.has(file)) return [];
      seen.add(file);
      const source = read(file).replace(/import type [^;]*;/g, '');
      return importsOf(source).flatMap((to) =>
        isRelative(to)
          ? visit(normalize(join(dirname(file), to)).replace(/\.js$/, '.ts'))
          : isNode(to)
            ? []
            : [{ file, to }],
      );
    };
    expect(say(visit('host/src/supervisor.ts'))).toEqual([]);
  });

  it.each(extensionIds)('extension %s: the sdk, contracts it requires and its own files', (id) => {
    const manifest = JSON.parse(read(`extensions/${id}/package.json`)) as {
      posthorn: { requires?: Record<string, string>; optional?: Record<string, string> };
      dependencies?: Record<string, string>;
    };
    const peers = Object.keys({ ...manifest.posthorn.requires, ...manifest.posthorn.optional }).map(
      (peer) => `@posthorn/${peer}/contract`,
    );
    const allowed = new Set(['@posthorn/sdk', '@mikro-orm/core', 'zod', ...Object.keys(manifest.dependencies ?? {})]);
    const wrong = of(`extensions/${id}/`).filter(({ file, to }) => {
      if (isNode(to) || allowed.has(to) || allowed.has(packageOf(to)) || peers.includes(to)) return false;
      if (!isRelative(to)) return true;
      return !normalize(join(dirname(file), to)).startsWith(`extensions/${id}/`);
    });
    expect(say(wrong)).toEqual([]);
  });

  it.each(extensionIds)('the contract of %s holds no behaviour of its extension', (id) => {
    const isContract = (file: string): boolean =>
      file === `extensions/${id}/contract.ts` || file.startsWith(`extensions/${id}/contract/`);
    const wrong = of(`extensions/${id}/`).filter(({ file, to }) => {
      if (!isContract(file) || !isRelative(to)) return false;
      return !isContract(normalize(join(dirname(file), to)).replace(/\.js$/, '.ts'));
    });
    expect(say(wrong)).toEqual([]);
  });

  it('inside core nothing imports http', () => {
    const wrong = of('core/src/').filter(
      ({ file, to }) =>
        !file.startsWith('core/src/http/') && file !== 'core/src/index.ts' && /(^|\/)http\//.test(to) && isRelative(to),
    );
    expect(say(wrong)).toEqual([]);
  });

  it('tsyringe stays behind one file', () => {
    expect(imports.filter(({ file, to }) => to === 'tsyringe' && file !== 'core/src/assembly/container.ts')).toEqual(
      [],
    );
  });
});
