/** What the authors' documents show is what compiles: examples are real files, and documents quote them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}docs/authors/`;
const examples = readdirSync(`${folder}examples`).filter((name) => name.endsWith('.ts'));
const read = (path: string): string => readFileSync(`${folder}${path}`, 'utf8');

describe('the examples for authors', () => {
  it('compile', () => {
    const run = () =>
      execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', `${folder}examples`], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(run()).toBe('');
  });

  it.each(examples)('%s is quoted as it is by its document', (name) => {
    const source = read(`examples/${name}`);
    const quoted = [...read(name.replace(/\.ts$/, '.md')).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
    expect(quoted.length).toBeGreaterThan(0);
    expect(quoted.filter((block) => !source.includes(block ?? ''))).toEqual([]);
  });
});
