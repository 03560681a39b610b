import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeCache } from './code-cache.js';

describe('compiled code between processes', () => {
  let directory: string;
  const cache = (): string => join(directory, 'data', 'code');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'posthorn-code-'));
    mkdirSync(join(directory, 'data'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('lies in the instance, for its owner alone', () => {
    expect(codeCache(directory)).toBe(cache());
    expect(statSync(cache()).mode & 0o777).toBe(0o700);
    expect(codeCache(directory)).toBe(cache());
  });

  it('is not read where somebody else could have written it', () => {
    mkdirSync(cache());
    chmodSync(cache(), 0o777);
    expect(codeCache(directory)).toBeUndefined();
    rmSync(cache(), { recursive: true });
    symlinkSync(tmpdir(), cache());
    expect(codeCache(directory)).toBeUndefined();
  });

  it.runIf(process.getuid?.() === 0)('is not read by root where the data is another user’s', () => {
    chownSync(join(directory, 'data'), 65_534, 65_534);
    expect(codeCache(directory)).toBeUndefined();
  });

  it('is done without where there is no instance', () => {
    expect(codeCache(join(directory, 'none'))).toBeUndefined();
  });
});
