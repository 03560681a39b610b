import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, read, root } from './source-files.js';

const files = projectFiles();
const text = files.filter(
  (f) => /\.(ts|mjs|js|json|md|eta|css|yaml|yml)$|^\.ci\/|^test\/setup$/.test(f) && f !== 'package-lock.json',
);

describe('the repository', () => {
  it('has the agreed top level and nothing else', () => {
    const folders = new Set(files.filter((f) => f.includes('/')).map((f) => f.split('/')[0]));
    expect([...folders].filter((f) => !f?.startsWith('.')).sort()).toEqual([
      'core',
      'docs',
      'extensions',
      'host',
      'sdk',
      'test',
    ]);
  });

  it('names no path of one machine', () => {
    const found = text.filter(
      (f) =>
        f !== 'test/rules/repository.test.ts' &&
        /\/(work|farm|root|home\/[a-z]+)\//.test(read(f).replaceAll('/home/mail/', '')),
    );
    expect(found).toEqual([]);
  });

  it('pins every dependency exactly and names no registry host in the lockfile', () => {
    const loose: string[] = [];
    for (const f of files.filter((each) => each.endsWith('package.json'))) {
      const manifest = JSON.parse(read(f)) as Record<string, Record<string, string> | undefined>;
      for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
        for (const [name, range] of Object.entries(manifest[kind] ?? {}))
          if (!/^\d+\.\d+\.\d+/.test(range)) loose.push(`${f}: ${name} ${range}`);
      }
    }
    expect(loose).toEqual([]);
    expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
  });

  it('has no dead link in its documents', () => {
    const dead: string[] = [];
    for (const f of files.filter((each) => each.endsWith('.md'))) {
      for (const [, target] of read(f).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (target === undefined || /^[a-z]+:/.test(target)) continue;
        if (!existsSync(join(root, normalize(join(dirname(f), target))))) dead.push(`${f}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });

  it('runs no shell strings', () => {
    const found = files.filter(
      (f) =>
        /\.(ts|mjs|js)$/.test(f) && f !== 'test/rules/repository.test.ts' && /\bexecSync\(|shell: *true/.test(read(f)),
    );
    expect(found).toEqual([]);
  });

  it('gives every test a chance to fail', () => {
    const found = files.filter(
      (f) =>
        f.endsWith('.test.ts') &&
        f !== 'test/rules/repository.test.ts' &&
        /\b(it|test|describe)\.(only|todo|fails)\b/.test(read(f)),
    );
    expect(found).toEqual([]);
  });
});
