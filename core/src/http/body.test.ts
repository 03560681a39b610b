import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody } from './body.js';

const request = (chunks: readonly string[], headers: Record<string, string> = {}): IncomingMessage =>
  Object.assign(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), { headers }) as unknown as IncomingMessage;

describe('reading a body', () => {
  it('joins its parts', async () => {
    expect((await readBody(request(['ab', 'c']))).toString()).toBe('abc');
    expect((await readBody(request([]))).length).toBe(0);
  });

  it('refuses what is announced or turns out too large', async () => {
    await expect(readBody(request([], { 'content-length': '11' }), { limit: 10 })).rejects.toMatchObject({
      status: 413,
    });
    await expect(readBody(request(['12345', '678901']), { limit: 10 })).rejects.toMatchObject({ status: 413 });
    expect((await readBody(request(['1234567890']), { limit: 10 })).length).toBe(10);
  });

  it('refuses compressed bodies', async () => {
    await expect(readBody(request(['x'], { 'content-encoding': 'gzip' }))).rejects.toMatchObject({ status: 415 });
  });
});
