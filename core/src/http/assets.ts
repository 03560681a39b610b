import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Asset } from '../views/assets/asset.js';
import { iconSprite } from '../views/assets/icon-sprite.js';
import { VENDOR_NAMES, vendorFile } from '../views/assets/vendor-files.js';

export { Asset, type AssetEncoding } from '../views/assets/asset.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

const OWN = fileURLToPath(new URL('../../assets', import.meta.url));

/** How a style sheet names another file of ours; replaced by the address with its hash. */
const REFERENCE = /url\("asset:([\w.-]+)"\)/g;

/**
 * The files a page refers to: our own, those of other packages in an explicit list, and one folder per extension.
 * Folders are listed when they are first asked for and files are read then, so a start reads none of them. A generation
 * never changes what it serves.
 */
export class Assets {
  readonly id = 'host';
  readonly #folders = new Map<string, string>();
  readonly #files = new Map<string, Map<string, Asset>>();

  constructor(o: { readonly extensions?: readonly { readonly id: string; readonly assets?: URL }[] } = {}) {
    for (const extension of o.extensions ?? []) {
      if (extension.assets !== undefined) this.#folders.set(extension.id, fileURLToPath(extension.assets));
    }
    this.#folders.set(this.id, OWN);
  }

  find(name: string, id: string = this.id): Asset | undefined {
    return this.#of(id)?.get(name);
  }

  /**
   * The address of a file: `name` for one of ours, `id/name` for an extension's. Throws for an unknown one: that is a
   * slip in a view, found by the first rendering.
   */
  url(path: string): string {
    const slash = path.indexOf('/');
    const id = slash === -1 ? this.id : path.slice(0, slash);
    const name = path.slice(slash + 1);
    const asset = this.find(name, id);
    if (asset === undefined) throw new Error(`no asset ${name} in ${id}`);
    return `/assets/${id}/${asset.hash}/${name}`;
  }

  #of(id: string): ReadonlyMap<string, Asset> | undefined {
    const known = this.#files.get(id);
    if (known !== undefined) return known;
    const folder = this.#folders.get(id);
    if (folder === undefined) return undefined;
    const files = new Map<string, Asset>();
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      // Plain files only: a link could lead anywhere.
      if (type === undefined || !entry.isFile()) continue;
      files.set(entry.name, new Asset(type, () => this.#read(id, join(folder, entry.name))));
    }
    if (id === this.id) {
      for (const name of VENDOR_NAMES) {
        files.set(name, new Asset(String(TYPES[extname(name)]), () => readFileSync(vendorFile(name))));
      }
      files.set('icons.svg', new Asset('image/svg+xml', () => iconSprite()));
    }
    this.#files.set(id, files);
    return files;
  }

  #read(id: string, path: string): Buffer {
    const content = readFileSync(path);
    if (extname(path) !== '.css') return content;
    return Buffer.from(
      content.toString('utf8').replace(REFERENCE, (_, name: string) => `url("${this.url(`${id}/${name}`)}")`),
    );
  }
}
