import { plainText } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { judgeLogo, LOGO_MAX } from './logo-file.js';

const judge = (bytes: Buffer | string): string => {
  const verdict = judgeLogo(Buffer.from(bytes));
  return 'extension' in verdict ? verdict.extension : plainText(verdict.complaint);
};

/** The beginning of a PNG with these sides. */
function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x89PNG\r\n\x1a\n', 'latin1');
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

function webp(chunk: string, fill: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write(`RIFF\0\0\0\0WEBP${chunk}`, 'latin1');
  bytes.writeUInt32LE(32, 4);
  fill(bytes);
  return bytes;
}

const svg = (inside: string, root = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"'): string =>
  `<svg ${root}>${inside}</svg>`;

describe('the kind of a logo', () => {
  it('is read from the content', () => {
    expect(judge(png(32, 32))).toBe('png');
    expect(judge(webp('VP8X', (b) => b.writeUIntLE(1023, 24, 3)))).toBe('webp');
    expect(judge(webp('VP8L', (b) => b.writeUInt8(0x2f, 20)))).toBe('webp');
    const lossy = (b: Buffer) => {
      b.writeUIntBE(0x9d012a, 23, 3);
      b.writeUInt16LE(200, 26);
      b.writeUInt16LE(100, 28);
    };
    expect(judge(webp('VP8 ', lossy))).toBe('webp');
    expect(judge(`\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- a & b -->\n${svg('<path d="M0 0h9"/>')}\n`)).toBe(
      'svg',
    );
  });

  it('is none of what only looks like one', () => {
    for (const other of [
      '',
      'GIF89a',
      '<html><body></body></html>',
      'PNG',
      '\x89PNG\r\n\x1a\n',
      'RIFF____WEBPVP8X',
      '{}',
    ]) {
      expect(judge(other), other).toBe('is neither a PNG, a WebP nor an SVG');
    }
    expect(judge(Buffer.from([0x3c, 0x73, 0x76, 0x67, 0x20, 0xff, 0xfe]))).toContain('is neither');
    expect(judge(svg('', 'viewBox="0 0 1 1"'))).toContain('is neither');
    expect(judge(webp('VP8X', (b) => b.writeUInt32LE(999, 4)))).toContain('is neither');
  });

  it('has sides and a size within bounds', () => {
    expect(judge(png(1024, 1024))).toBe('png');
    expect(judge(png(1025, 10))).toBe('measures 1025 × 10 pixels; at most 1024 on each side are possible');
    expect(judge(png(0, 10))).toContain('measures 0 × 10');
    expect(judge(webp('VP8X', (b) => b.writeUIntLE(1024, 27, 3)))).toContain('measures 1 × 1025');
    expect(judge(Buffer.alloc(LOGO_MAX + 1))).toBe('is larger than 64 kB');
  });
});

describe('an SVG', () => {
  const fine = [
    '<g fill="#123"><rect width="4" height="4"/><circle r="1"/></g>',
    '<defs><linearGradient id="a"><stop offset="1"/></linearGradient></defs><rect fill="url(#a)"/>',
    '<style>.a { fill: red } .b { fill: url("#a") }</style><path class="a" d="M0 0"/>',
    '<use href="#a"/><text>Fish &amp; chips &#8364;</text>',
    '<image href="data:image/png;base64,iVBORw0KGgo="/>',
    '<a:thing xmlns:a="urn:editor" a:x="1"/>',
  ];
  it.each(fine)('may hold %s', (inside) => expect(judge(svg(inside))).toBe('svg'));

  const refused: readonly (readonly [string, RegExp])[] = [
    ['<script>alert(1)</script>', /element script/],
    ['<SCRIPT/>', /element SCRIPT/],
    ['<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>', /element x:script/],
    ['<foreignObject><p/></foreignObject>', /element foreignObject/],
    ['<g><iframe/></g>', /element iframe/],
    ['<set attributeName="href" to="javascript:alert(1)"/>', /element set/],
    ['<animate/>', /element animate/],
    ['<rect onload="alert(1)"/>', /attribute onload, which runs code/],
    ["<rect ONCLICK = 'alert(1)'/>", /attribute ONCLICK/],
    ['<rect\nonfocus="x"/>', /attribute onfocus/],
    ['<a href="javascript:alert(1)"/>', /references/],
    ['<a href="&#106;avascript:alert(1)"/>', /references/],
    ['<image href="https://evil.example/x.png"/>', /references/],
    ['<image href="data:image/svg+xml;base64,PHN2Zz4="/>', /references/],
    ['<image xlink:href="//evil.example/x" xmlns:xlink="http://www.w3.org/1999/xlink"/>', /references/],
    ['<use href="other.svg#a"/>', /references/],
    ['<rect fill="url(https://evil.example/#a)"/>', /references/],
    ['<rect style="fill: url( \'//evil.example\' )"/>', /references/],
    ['<rect style="fill: u\\72l(//evil.example)"/>', /references/],
    ['<rect style="fill: url/**/(//evil.example)"/>', /references/],
    ['<style>@import "x.css";</style>', /references/],
    ['<style><![CDATA[a { background: url(http://evil.example) }]]></style>', /references/],
    ['<style>@im<g/>port "x.css";</style>', /references/],
    ['<g xml:base="https://evil.example/"/>', /references/],
    ['<text>&nbsp;</text>', /entities/],
    ['<g>', /damaged/],
    ['<g></p>', /damaged/],
    ['<g a="1" a="2"/>', /damaged/],
    ['<g a=1/>', /damaged/],
    ['a & b', /damaged/],
    ['<!-- -- -->', /damaged/],
  ];
  it.each(refused)('may not hold %s', (inside, reason) => expect(judge(svg(inside))).toMatch(reason));

  it('brings nothing before or after it', () => {
    const drawing = svg('');
    expect(judge(`<!DOCTYPE svg [<!ENTITY a "b">]>${drawing}`)).toContain('entities');
    expect(judge(`<!doctype html>${drawing}`)).toContain('entities');
    expect(judge(`<?xml-stylesheet href="x.css"?>${drawing}`)).toContain('references');
    expect(judge(`${drawing}<script>alert(1)</script>`)).toContain('damaged');
    expect(judge(`${drawing}alert(1)`)).toContain('damaged');
    expect(judge(`<html>${drawing}</html>`)).toContain('element html');
    expect(judge(svg('', 'xmlns="http://www.w3.org/1999/xhtml"'))).toContain('is neither');
  });
});
