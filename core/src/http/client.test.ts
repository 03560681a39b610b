import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientReader } from './client.js';

const request = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

const forwarded = {
  host: 'inner:8000',
  'x-forwarded-for': '198.51.100.1, 203.0.113.5, 10.0.0.2',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'mx.example.test',
};

describe('who asks', () => {
  it('is the peer, whatever an untrusted one claims', () => {
    const clientOf = clientReader(['10.0.0.0/8']);
    expect(clientOf(request('192.0.2.7', forwarded))).toEqual({
      address: '192.0.2.7',
      protocol: 'http',
      host: 'inner:8000',
    });
  });

  it('is the last address that no trusted proxy added', () => {
    const clientOf = clientReader(['10.0.0.0/8', '::1']);
    const outside = { address: '203.0.113.5', protocol: 'https', host: 'mx.example.test' };
    expect(clientOf(request('10.0.0.1', forwarded))).toEqual(outside);
    expect(clientOf(request('::ffff:10.0.0.1', forwarded))).toEqual(outside);
    expect(clientOf(request('::1', forwarded))).toEqual(outside);
  });

  it('ignores what cannot be read', () => {
    const clientOf = clientReader(['127.0.0.1']);
    const odd = {
      host: 'inner',
      'x-forwarded-for': 'nobody',
      'x-forwarded-proto': 'gopher',
      'x-forwarded-host': 'a b/<c>',
    };
    expect(clientOf(request('127.0.0.1', odd))).toEqual({ address: '127.0.0.1', protocol: 'http', host: 'inner' });
    expect(clientOf(request(''))).toEqual({ address: '', protocol: 'http', host: '' });
  });
});
