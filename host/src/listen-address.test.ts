import { describe, expect, it } from 'vitest';
import { listenUrl, parseListenAddress } from './listen-address.js';

describe('listen addresses', () => {
  it.each([
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['mx.example.test:0', { host: 'mx.example.test', port: 0 }],
    [':8000', { host: '', port: 8000 }],
    ['8000', { host: '127.0.0.1', port: 8000 }],
  ])('%s is read', (text, address) => expect(parseListenAddress(text)).toEqual(address));

  it.each(['', 'x', 'host:', 'host:99999', '::1:80', 'a b:80', 'http://x:80', '-1'])('%j is refused', (text) =>
    expect(parseListenAddress(text)).toBeUndefined());

  it('shows a wildcard as this machine', () => {
    expect(listenUrl({ host: '0.0.0.0', port: 80 })).toBe('http://127.0.0.1:80');
    expect(listenUrl({ host: '::1', port: 80 })).toBe('http://[::1]:80');
  });
});
