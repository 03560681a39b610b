import { expect, it } from 'vitest';
import { isApiToken, newApiToken, PREFIX } from './token-text.js';

it('makes tokens that it knows again, none twice', () => {
  const made = Array.from({ length: 500 }, newApiToken);
  expect(new Set(made.map((token) => token.slice(0, PREFIX))).size).toBe(500);
  for (const token of made) expect([token.length, isApiToken(token)]).toEqual([50, true]);
});

it('notices one wrong character anywhere, and what is no token at all', () => {
  const token = newApiToken();
  for (let i = 0; i < token.length; i += 1) {
    const other = token[i] === 'x' ? 'y' : 'x';
    expect(isApiToken(`${token.slice(0, i)}${other}${token.slice(i + 1)}`)).toBe(false);
  }
  for (const text of ['', 'pht_', `${token} `, `${token}\n`, token.slice(1), `${token}a`]) {
    expect(isApiToken(text)).toBe(false);
  }
});
