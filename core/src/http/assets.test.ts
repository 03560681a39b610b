import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Assets } from './assets.js';

const assets = new Assets();

describe('assets', () => {
  it('are those of other packages by an explicit list, and nothing else of them', () => {
    for (const name of ['tabler.css', 'tabler.rtl.css', 'tabler.js', 'htmx.js', 'inter-latin.woff2', 'icons.svg']) {
      expect(assets.find(name)?.content.length, name).toBeGreaterThan(1_000);
    }
    for (const name of ['package.json', '../package.json', 'index.js', '', '..']) {
      expect(assets.find(name), name).toBeUndefined();
    }
    expect(assets.find('posthorn.css', 'nobody')).toBeUndefined();
    expect(() => assets.url('nothing.css')).toThrow('no asset');
  });

  it('refer to each other by addresses that never change their meaning', () => {
    const sheet = String(assets.find('posthorn.css')?.content);
    expect(sheet).toContain(`url("${assets.url('inter-latin.woff2')}")`);
    expect(sheet).not.toContain('asset:');
    expect(assets.url('posthorn.css')).toMatch(/^\/assets\/host\/[0-9a-f]{12}\/posthorn\.css$/);
  });

  it('are sent as the client takes them', async () => {
    const asset = assets.find('posthorn.css');
    if (asset === undefined) throw new Error('no style sheet');
    const br = await asset.negotiated('gzip, deflate, br');
    expect(br.encoding).toBe('br');
    expect(brotliDecompressSync(br.body)).toEqual(asset.content);
    const gzip = await asset.negotiated('gzip, br;q=0');
    expect(gzip.encoding).toBe('gzip');
    expect(gunzipSync(gzip.body)).toEqual(asset.content);
    expect(await asset.negotiated(undefined)).toEqual({ body: asset.content });
    expect((await assets.find('inter-latin.woff2')?.negotiated('br'))?.encoding).toBeUndefined();
  });
});
