import { describe, expect, it } from 'vitest';
import { projectFiles, read } from './source-files.js';

const views = projectFiles().filter((f) => f.endsWith('.eta'));
const browserCode = projectFiles().filter((f) => /^(core|extensions\/[^/]+)\/assets\/.*\.js$/.test(f));
const found = (files: readonly string[], wrong: RegExp): readonly string[] =>
  files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => (wrong.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
  );

describe('views', () => {
  it('are there', () => expect(views.length).toBeGreaterThan(2));

  it('print nothing raw outside the kernel', () => {
    expect(
      found(
        views.filter((f) => !f.startsWith('core/views/')),
        /<%~/,
      ),
    ).toEqual([]);
  });

  it('hold no inline style, script or handler: the policy of the pages would drop them in silence', () => {
    expect(found(views, /\sstyle\s*=\s*["']/)).toEqual([]);
    expect(found(views, /<script(?![^>]*\b(src=|type="application\/json"))/)).toEqual([]);
    expect(found(views, /\son[a-z]+\s*=\s*["']/)).toEqual([]);
    expect(found(views, /javascript:/)).toEqual([]);
  });

  it('use no expressions of htmx: they need eval', () => {
    expect(found(views, /hx-on|hx-live|hx-vals\s*=\s*["']js:|hx-trigger\s*=\s*["'][^"']*\[/)).toEqual([]);
  });
});

describe('code for the browser', () => {
  it('makes no markup from strings', () => {
    expect(found(browserCode, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)).toEqual(
      [],
    );
  });
});
