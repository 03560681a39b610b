import { plainText } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { parseMultipart } from './multipart.js';

const TYPE = 'multipart/form-data; boundary=XX';
const shape = { logo: { label: 'Logo', max: 10 }, table: { label: 'Table', max: 5 } };

const part = (name: string, value: string, filename?: string, type = 'application/octet-stream'): string =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"${
    filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: ${type}`
  }\r\n\r\n${value}\r\n`;
const body = (...parts: string[]): Buffer => Buffer.from(`${parts.join('')}--XX--\r\n`);
const parse = (bytes: Buffer, type = TYPE) => parseMultipart(type, bytes, shape);

describe('a form with files', () => {
  it('gives fields and files', async () => {
    const sent = await parse(
      body(
        part('a', 'ü 1'),
        part('b', '1'),
        part('b', '2'),
        part('logo', '\0\x01', 'C:\\dir\\lögo\u202e.png'),
        part('table', '', ''),
      ),
    );
    expect(sent.typed).toEqual({ a: 'ü 1', b: ['1', '2'] });
    expect(Object.keys(sent.files)).toEqual(['logo']);
    expect(sent.files['logo']).toEqual({ name: 'lögo.png', content: Buffer.from([0, 1]) });
    expect(sent.issues).toEqual([]);
    expect(Object.getPrototypeOf(sent.files)).toBeNull();
  });

  it('says which file is too large, and holds no more of it than allowed', async () => {
    const sent = await parse(body(part('logo', 'x'.repeat(10), 'a'), part('table', 'x'.repeat(6), 'b')));
    expect(Object.keys(sent.files)).toEqual(['logo']);
    expect(sent.issues.map(({ path, message }) => `${path} ${plainText(message)}`)).toEqual([
      'table is larger than 0 kB',
    ]);
  });

  it.each([
    ['a file that nobody asked for', body(part('other', 'x', 'x.png'))],
    ['a file by an inherited name', body(part('__proto__', 'x', 'x.png'))],
    ['the same file twice', body(part('logo', 'x', 'a'), part('logo', 'y', 'b'))],
    ['too many files', body(...Array.from({ length: 4 }, () => part('logo', '', '')))],
    ['no end', Buffer.from(part('a', '1'))],
    ['an end within a header', Buffer.from('--XX\r\nContent-Disposition: form-da')],
    [
      'an end within a file',
      Buffer.from('--XX\r\nContent-Disposition: form-data; name="logo"; filename="a"\r\n\r\nabc'),
    ],
    ['no part at all', Buffer.from('hello')],
    ['a name that is too long', body(part('n'.repeat(300), '1'))],
    ['too many fields', body(...Array.from({ length: 5_001 }, (_, i) => part(`f${i}`, '1')))],
    [
      'bytes that are not UTF-8',
      Buffer.concat([
        Buffer.from(part('a', '').slice(0, -2)),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('\r\n--XX--\r\n'),
      ]),
    ],
  ])('is refused with %s', async (_, bytes) => {
    await expect(parse(bytes)).rejects.toMatchObject({ status: 400 });
  });

  it.each(['multipart/form-data', 'multipart/form-data; boundary=', 'nonsense'])('is refused as %s', async (type) => {
    await expect(parse(body(part('a', '1')), type)).rejects.toMatchObject({ status: 400 });
  });
});
