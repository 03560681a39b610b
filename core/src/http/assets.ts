import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface Asset {
  readonly content: Buffer;
  readonly type: string;
  /** Of the content; part of the address, so an address never changes its meaning. */
  readonly hash: string;
}

const OWN = fileURLToPath(new URL('../../assets', import.meta.url));

/** The files a page refers to, read once at start: a generation never changes what it serves. */
export class Assets {
  readonly #files = new Map<string, Asset>();

  constructor(
    readonly id = 'host',
    directory = OWN,
  ) {
    for (const name of readdirSync(directory)) {
      const type = TYPES[extname(name)];
      if (type === undefined) continue;
      const content = readFileSync(join(directory, name));
      this.#files.set(name, { content, type, hash: createHash('sha256').update(content).digest('hex').slice(0, 12) });
    }
  }

  find(name: string): Asset | undefined {
    return this.#files.get(name);
  }

  /** The address of a file. Throws for an unknown one: that is a slip in a view, found by the first rendering. */
  url(name: string): string {
    const asset = this.#files.get(name);
    if (asset === undefined) throw new Error(`no asset ${name} in ${this.id}`);
    return `/assets/${this.id}/${asset.hash}/${name}`;
  }
}
