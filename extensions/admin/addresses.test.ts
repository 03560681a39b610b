import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressOptions, formsOfName, parseAddress, parseDomainName, splitExtension } from './addresses.js';

const code = (work: () => unknown): string => {
  try {
    return `accepted ${JSON.stringify(work())}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('domain names', () => {
  it.each([
    ['test.com', 'test.com'],
    ['Test.COM', 'test.com'],
    ['test.com.', 'test.com'],
    ['localhost', 'localhost'],
    ['a-b.c-d.org', 'a-b.c-d.org'],
    ['Bücher.DE', 'bücher.de'],
    ['bu\u0308cher.de', 'bücher.de'],
    ['xn--bcher-kva.de', 'xn--bcher-kva.de'],
    ['straße.de', 'straße.de'],
    ['עברית.com', 'עברית.com'],
    ['例え.テスト', '例え.テスト'],
    ['ａｂ.com', 'ab.com'],
    ['dom.xn--p1ai', 'dom.xn--p1ai'],
    [`${'a'.repeat(63)}.com`, `${'a'.repeat(63)}.com`],
    [`${'a.'.repeat(48)}test`, `${'a.'.repeat(48)}test`],
  ])('%s is stored as %s', (typed, stored) => {
    expect(parseDomainName(typed)).toBe(stored);
    expect(parseDomainName(stored)).toBe(stored);
  });

  it.each([
    '',
    '.',
    '..',
    'com',
    'test',
    'test..com',
    '.test.com',
    'test.com..',
    '-test.com',
    'test-.com',
    'te st.com',
    ' test.com',
    'test.com\n',
    'test.com\r\nx: y',
    'te\u0000st.com',
    'te\u202est.com',
    'te\u200bst.com',
    'test.com\u200f',
    'te%20st.com',
    "te'st.com",
    'te"st.com',
    'te`st.com',
    'te/st.com',
    'te\\st.com',
    '../etc.com',
    'te_st.com',
    'test.c',
    'test.123',
    '127.0.0.1',
    '[127.0.0.1]',
    '::1',
    'xn--zz.com',
    'xn--a.com',
    'ab--c.de',
    'test。com',
    'te@st.com',
    '*.test.com',
    `${'a'.repeat(64)}.com`,
    `${'ü'.repeat(60)}.com`,
    `${'a.'.repeat(48)}tests`,
    'x'.repeat(10_240),
    '\ud800.com',
    undefined as unknown as string,
    null as unknown as string,
    {} as unknown as string,
    ['test.com'] as unknown as string,
  ])('%j is refused', (typed) => {
    expect(code(() => parseDomainName(typed))).toBe('E_ADMIN_DOMAIN_NAME');
  });

  it('blames the field that it came from, and repeats nothing that could fool a reader', () => {
    const wrong = (() => {
      try {
        return parseDomainName('a\u202eb\n.com', { field: 'name' });
      } catch (error) {
        return error as { field: string; message: string };
      }
    })();
    expect(wrong).toMatchObject({ field: 'name' });
    expect((wrong as { message: string }).message).toContain('"ab.com"');
  });

  it('knows both ways to write a name', () => {
    expect(formsOfName('bücher.de')).toEqual(['bücher.de', 'xn--bcher-kva.de']);
    expect(formsOfName('xn--bcher-kva.de')).toEqual(['xn--bcher-kva.de', 'bücher.de']);
    expect(formsOfName('test.com')).toEqual(['test.com']);
  });
});

describe('addresses', () => {
  it.each([
    ['User@Test.com', 'user@test.com'],
    ['first.last@test.com', 'first.last@test.com'],
    ['user+tag@test.com', 'user+tag@test.com'],
    ['a_b-c=d~e^f#g!h&i@test.com', 'a_b-c=d~e^f#g!h&i@test.com'],
    ['Émile@test.com', 'émile@test.com'],
    ['E\u0301mile@test.com', 'émile@test.com'],
    ['почта@пример.рф', 'почта@пример.рф'],
    [`${'a'.repeat(64)}@test.com`, `${'a'.repeat(64)}@test.com`],
  ])('%s is stored as %s', (typed, stored) => expect(parseAddress(typed).address).toBe(stored));

  it.each([
    '',
    '@',
    'user',
    'user@',
    '@test.com',
    'us er@test.com',
    'user@@test.com',
    'a@b@test.com',
    '.user@test.com',
    'user.@test.com',
    'us..er@test.com',
    '../../etc/passwd@test.com',
    '-f@test.com',
    '"user"@test.com',
    "o'brien@test.com",
    'us`er@test.com',
    'user%other.com@test.com',
    'us/er@test.com',
    'us\\er@test.com',
    'us$er@test.com',
    '$user@test.com',
    '{user}@test.com',
    'us|er@test.com',
    'us*er@test.com',
    'us?er@test.com',
    'us;er@test.com',
    'us,er@test.com',
    'us:er@test.com',
    '<user@test.com>',
    'User <user@test.com>',
    'us\u0000er@test.com',
    'user@test.com\r\nBcc: x@y.org',
    'us\u202eer@test.com',
    'us\u200ber@test.com',
    'us\ud800er@test.com',
    `${'a'.repeat(65)}@test.com`,
    `${'é'.repeat(33)}@test.com`,
    `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.com`,
    `${'a'.repeat(10_240)}@test.com`,
    '__proto__',
    undefined as unknown as string,
    { toString: () => 'a@test.com' } as unknown as string,
  ])('%j is refused', (typed) => expect(code(() => parseAddress(typed))).toBe('E_ADMIN_ADDRESS'));

  it('takes names that JavaScript gives a meaning like any other', () => {
    expect(parseAddress('__proto__@test.com').address).toBe('__proto__@test.com');
    expect(parseAddress('constructor@test.com').local).toBe('constructor');
  });

  it('knows the catch-all in both ways to write it, where it is allowed', () => {
    expect(parseAddress('@test.com', { allowEmptyLocal: true })).toEqual({
      local: '',
      domain: 'test.com',
      address: '@test.com',
    });
    expect(parseAddress('*@Test.com', { allowEmptyLocal: true }).address).toBe('@test.com');
    expect(code(() => parseAddress('*@test.com'))).toBe('E_ADMIN_ADDRESS');
  });

  it('takes an apostrophe only in foreign addresses', () => {
    expect(parseAddress("O'Brien@corp.example", { isForeign: true }).address).toBe("o'brien@corp.example");
  });

  it('splits off extensions as Postfix does', () => {
    expect(splitExtension('user+tag')).toEqual({ name: 'user', extension: 'tag' });
    expect(splitExtension('user+a+b')).toEqual({ name: 'user', extension: 'a+b' });
    expect(splitExtension('user+')).toEqual({ name: 'user', extension: '' });
    for (const whole of ['user', '+user', 'mailer-daemon', 'double-bounce', '']) {
      expect(splitExtension(whole)).toEqual({ name: whole, extension: undefined });
    }
  });
});

describe('whatever is typed', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.stringMatching(/^[A-Za-zÀ-ÿ0-9.@+_%'"\\/ -]{0,40}$/),
    fc.emailAddress(),
    fc.domain(),
    fc
      .tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.domain())
      .map(([local, domain]) => `${local}@${domain}`),
  );
  const options: fc.Arbitrary<AddressOptions> = fc.record({ allowEmptyLocal: fc.boolean(), isForeign: fc.boolean() });
  const dangerous =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must never come through
    /[\u0000-\u0020\u007f-\u00a0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"`%\\/$*?{|}<>()[\],;:]|\.\./;
  const runs = { numRuns: 2_000 };

  it('an address is refused with our problem, or comes out safe, short and stable', () => {
    fc.assert(
      fc.property(anything, options, (typed, o) => {
        let parsed: ReturnType<typeof parseAddress>;
        try {
          parsed = parseAddress(typed, o);
        } catch (error) {
          expect((error as { code: string }).code).toBe('E_ADMIN_ADDRESS');
          return;
        }
        expect(parsed.address).toBe(`${parsed.local}@${parsed.domain}`);
        expect(dangerous.test(parsed.address)).toBe(false);
        expect(parsed.local).not.toContain('@');
        expect(parsed.address.startsWith('-')).toBe(false);
        expect(Buffer.byteLength(parsed.local)).toBeLessThanOrEqual(64);
        expect(Buffer.byteLength(parsed.address)).toBeLessThanOrEqual(254);
        expect(parsed.address).toBe(parsed.address.normalize('NFC'));
        expect(parseAddress(parsed.address, o)).toEqual(parsed);
        expect(
          parseAddress(typed.slice(0, typed.lastIndexOf('@')).toUpperCase() + typed.slice(typed.lastIndexOf('@')), o)
            .domain,
        ).toBe(parsed.domain);
      }),
      runs,
    );
  });

  it('a domain name is refused with our problem, or comes out safe, short and stable', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.domain(), fc.webAuthority()), (typed) => {
        let name: string;
        try {
          name = parseDomainName(typed);
        } catch (error) {
          expect((error as { code: string }).code).toBe('E_ADMIN_DOMAIN_NAME');
          return;
        }
        expect(dangerous.test(name)).toBe(false);
        expect([...name].length).toBeLessThanOrEqual(100);
        expect(name).toBe(name.toLowerCase());
        expect(parseDomainName(name)).toBe(name);
        expect(parseDomainName(`${name}.`)).toBe(name);
        for (const form of formsOfName(name))
          expect(formsOfName(form).toSorted()).toEqual(formsOfName(name).toSorted());
      }),
      runs,
    );
  });

  it('every domain name that fast-check makes is one, unless its top level has digits or it is too long', () => {
    fc.assert(
      fc.property(fc.domain(), (typed) => {
        const top = typed.split('.').at(-1) ?? '';
        fc.pre(/^[a-z]{2,63}$/i.test(top) && typed.length <= 100 && !/(?:^|\.)..--/.test(typed));
        expect(parseDomainName(typed)).toBe(typed.toLowerCase());
      }),
      runs,
    );
  });

  it('an extension is only split off, never lost', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z+]{0,12}$/), (local) => {
        const { name, extension } = splitExtension(local);
        expect(extension === undefined ? name : `${name}+${extension}`).toBe(local);
        if (extension !== undefined) expect(name).not.toBe('');
      }),
    );
  });
});
