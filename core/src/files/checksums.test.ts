import { describe, expect, it } from 'vitest';
import { formatChecksums, md5, parseChecksums } from './checksums.js';

const sum = (text: string) => ({ dialect: 'sqlite' as const, md5: md5(text) });

describe('the record of written files', () => {
  it('reads back what it writes, names in order', () => {
    const text = formatChecksums(
      new Map([
        ['b.cf', [sum('b')]],
        ['a.cf', [sum('a'), sum('other')]],
      ]),
    );
    expect(text.split('\n').map((line) => line.split(':')[0])).toEqual(['a.cf', 'a.cf', 'b.cf', '']);
    expect(formatChecksums(parseChecksums(text))).toBe(text);
  });

  it('reads the spellings of older tools', () => {
    const found = parseChecksums(`x.cf:postgres:${md5('x')}\ny.cf:mysql:${md5('y')}\n`);
    expect(found.get('x.cf')?.[0]?.dialect).toBe('postgresql');
    expect(found.get('y.cf')?.[0]?.dialect).toBe('mariadb');
  });

  it('skips lines that make no sense, and keeps the others', () => {
    const found = parseChecksums(
      `x.cf\n<odd object>\nz.cf:sqlite:short\na.cf:oracle:${md5('a')}\nok.cf:sqlite:${md5('ok')}\n`,
    );
    expect([...found.keys()]).toEqual(['ok.cf']);
  });
});
