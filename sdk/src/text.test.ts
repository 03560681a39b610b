import { describe, expect, it } from 'vitest';
import { invalid } from './problem.js';
import { type Message, messages, plainText } from './text.js';

const t = messages('test');
const pages = (count: number): Message =>
  t({ one: '{{count}} page of {{book}}', other: '{{count}} pages of {{book}}' }, { count, book: 'it' });

describe('a text in English', () => {
  it('takes its arguments, and leaves what it has no argument for', () => {
    expect(plainText(t('{{a}} and {{b}}, {{c}}', { a: 1, b: '{{a}}' }))).toBe('1 and {{a}}, {{c}}');
    expect(plainText(t('{{constructor}}'))).toBe('{{constructor}}');
    expect(plainText('{{a}}')).toBe('{{a}}');
  });

  it('takes the form of its number, written as English writes numbers', () => {
    expect([0, 1, 2, 1.5, 12_345].map(pages).map(plainText)).toEqual([
      '0 pages of it',
      '1 page of it',
      '2 pages of it',
      '1.5 pages of it',
      '12,345 pages of it',
    ]);
    expect(plainText(t('Process {{count}}', { count: 12_345 }))).toBe('Process 12345');
  });

  it('may stand in another one', () => {
    const inner = t('{{name}} is empty', { name: t('the {{what}}', { what: 'box' }) });
    expect(plainText(t('Not saved: {{reason}} ({{size}}).', { reason: inner, size: pages(1) }))).toBe(
      'Not saved: the box is empty (1 page of it).',
    );
  });

  it('ends where texts go in a circle', () => {
    const args: Record<string, Message | string> = {};
    const circle = t('a {{b}}', args);
    args['b'] = circle;
    expect(plainText(circle)).toBe('a a a a a a a a a …');
  });

  it('says all complaints of an input in one sentence that can be translated', () => {
    const issue = (path: string) => ({ path, message: t('is wrong') });
    expect(invalid([]).message).toBe('The input is not valid.');
    expect(invalid([issue('a')]).message).toBe('a: is wrong');
    const { message, text } = invalid([issue('a'), issue('b'), issue('c')]);
    expect(message).toBe('a: is wrong (and 2 more)');
    expect((text.args['first'] as Message).args['reason']).toEqual(t('is wrong'));
  });
});
