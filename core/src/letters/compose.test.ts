import { describe, expect, it } from 'vitest';
import { isAddress } from './address.js';
import { composeLetter, placeholdersIn } from './compose.js';

const reader = { language: 'en', direction: 'ltr' } as const;

describe('a letter', () => {
  it('is filled in once, and the HTML part is escaped', () => {
    const { subject, text, html } = composeLetter(
      { subject: 'For {{name}}', text: 'Dear {{name}},\nhello.\n\n{{more}}' },
      { name: '<b>{{more}}</b>', more: '"a" & b' },
      reader,
    );
    expect(subject).toBe('For <b>{{more}}</b>');
    expect(text).toBe('Dear <b>{{more}}</b>,\nhello.\n\n"a" & b\n');
    expect(html).toContain('<p>Dear &#60;b&#62;{{more}}&#60;/b&#62;,<br>\nhello.</p>\n<p>&#34;a&#34; &#38; b</p>');
    expect(html).not.toContain('<b>');
  });

  it('has a subject of one line, and no control characters', () => {
    const evil = 'x\r\nBcc: all@example.org\r\n\r\nbody\u0000\u0007\u2028y';
    const { subject, text } = composeLetter({ subject: '{{evil}}', text: '{{evil}}' }, { evil }, reader);
    expect(subject).toBe('x Bcc: all@example.org body y');
    expect(text).toBe('x\nBcc: all@example.org\n\nbody\ny\n');
  });

  it('takes no value from the prototype of its data', () => {
    expect(composeLetter({ subject: '{{constructor}}', text: 'x' }, {}, reader).subject).toBe('{{constructor}}');
  });

  it('says its direction', () => {
    const { html } = composeLetter({ subject: 's', text: 't' }, {}, { language: 'ar', direction: 'rtl' });
    expect(html).toContain('<html lang="ar" dir="rtl">');
  });
});

it('finds placeholders, and braces that are none', () => {
  expect(placeholdersIn('{{a}} {{b}} {{a}}')).toEqual({ names: ['a', 'b'], isBroken: false });
  expect(placeholdersIn('{{ a }}').isBroken).toBe(true);
  expect(placeholdersIn('{{#if a}}').isBroken).toBe(true);
  expect(placeholdersIn('{a} } {').isBroken).toBe(false);
});

it('takes plain addresses only', () => {
  for (const good of [
    'a@b',
    'anna.b+c@example.org',
    'élise@exämple.org',
    "o'x@example.org",
    'a@[::1]'.replace('[::1]', 'x'),
  ])
    expect(isAddress(good), good).toBe(true);
  for (const bad of [
    '',
    'a',
    'a@',
    '@b',
    'a@b@c',
    'a b@c',
    'Anna <a@b>',
    'a@b,c@d',
    'a@b\r\nRCPT TO:<c@d>',
    'a\u0000@b',
    '"a b"@c',
    `${'x'.repeat(65)}@b`,
    `a@${'x'.repeat(254)}`,
  ])
    expect(isAddress(bad), bad).toBe(false);
});
