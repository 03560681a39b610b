import { messages, plainText } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { isolating } from './isolate.js';

const t = messages('demo');
const say = isolating(plainText);

describe('a name in a sentence', () => {
  it('stands by itself where it is read from right to left', () => {
    expect(say(t('Delete {{name}} (2)?', { name: 'מרים' }))).toBe('Delete \u2068מרים\u2069 (2)?');
    expect(say(t('{{a}} and {{b}}', { a: 'x', b: 'علي' }))).toBe('x and \u2068علي\u2069');
  });

  it('cannot end its isolation by itself', () => {
    expect(say(t('Delete {{name}}?', { name: 'a\u2069\u2067b' }))).toBe('Delete \u2068a\ufffd\ufffdb\u2069?');
  });

  it('is left as it is where nothing turns', () => {
    expect(say(t('Delete {{name}}: {{n}}', { name: 'Zoë – 用户', n: 3 }))).toBe('Delete Zoë – 用户: 3');
    expect(say('plain')).toBe('plain');
  });
});
