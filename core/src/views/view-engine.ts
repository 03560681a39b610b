import { readFileSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { escapeHtml, SafeHtml } from './safe-html.js';

/** The host's own views; also the owner of `host:` names. */
export const HOST = 'host';
const HOST_VIEWS = fileURLToPath(new URL('../../views', import.meta.url));

/** How Eta builds `include`. Its answer is markup, so printing it must not escape it. */
const INCLUDE = 'let include = (__eta_t, __eta_d) => this.render(__eta_t, {...it, ...(__eta_d ?? {})}, options);';
const SAFE_INCLUDE =
  'let include = (__eta_t, __eta_d) => it.__safe(this.render(__eta_t, {...it, ...(__eta_d ?? {})}, options));';

/** What a view finds in `it` besides its data: made for the extension whose file it is. */
export type Bound = (owner: string) => Readonly<Record<string, unknown>>;

/**
 * Eta with one folder of views per extension. `name` is a view of the same folder, `./name` is beside the file that
 * names it, `host:name` is one of the host's. No name leads out of its folder, and an extension's view reaches only its
 * own folder and the host's.
 */
export class ViewEngine {
  readonly #roots = new Map<string, string>([[HOST, HOST_VIEWS]]);
  readonly #eta: Eta;

  constructor(extensions: readonly { readonly id: string; readonly views?: URL }[] = []) {
    for (const extension of extensions) {
      if (extension.views !== undefined && extension.id !== HOST) {
        this.#roots.set(extension.id, join(fileURLToPath(extension.views), '.'));
      }
    }
    this.#eta = new Eta({
      cache: true,
      // Paths are resolved here, by owner; Eta's own cache of paths knows only one folder.
      cacheFilepaths: false,
      escapeFunction: escapeHtml,
      functionHeader: 'it = it.__own(it, options.filepath);',
      plugins: [{ processFnString: safeIncludes }],
    });
    this.#eta.resolvePath = (name, options) => this.#resolve(name, options?.filepath);
    this.#eta.readFile = (path) => this.#read(path);
  }

  /** Renders a view of `from`. Everything printed is escaped, unless a component made it. */
  render(from: string, name: string, data: Readonly<Record<string, unknown>>, bound: Bound): string {
    const made = new Map<string, Readonly<Record<string, unknown>>>();
    const own = (it: Readonly<Record<string, unknown>>, path: string): Readonly<Record<string, unknown>> => {
      const owner = this.#ownerOf(path);
      let extra = made.get(owner);
      if (extra === undefined) {
        extra = bound(owner);
        made.set(owner, extra);
      }
      return { ...it, ...extra };
    };
    const safe = (markup: unknown) => new SafeHtml(String(markup));
    const first = { ...data, __own: own, __safe: safe };
    return String(
      this.#eta.render(name.includes(':') ? name : `${from}:${name}`, first, { filepath: this.#anchor(from) }),
    );
  }

  /** A file of the folder that names are looked up from; it need not exist. */
  #anchor(id: string): string {
    const root = this.#roots.get(id);
    if (root === undefined) throw new Error(`${id} has no views`);
    return join(root, '-.eta');
  }

  #resolve(name: string, from: string | undefined): string {
    const caller = from === undefined ? HOST : this.#ownerOf(from);
    const colon = name.indexOf(':');
    const owner = colon === -1 ? caller : name.slice(0, colon);
    const root = this.#roots.get(owner);
    if (root === undefined || (owner !== caller && owner !== HOST && caller !== HOST)) {
      throw new Error(`${caller} cannot show ${name}`);
    }
    const file = name.slice(colon + 1) + (extname(name) === '' ? '.eta' : '');
    const isBeside = colon === -1 && file.startsWith('.') && from !== undefined;
    const path = isBeside ? join(dirname(from), file) : join(root, file);
    if (!isInside(root, path)) throw new Error(`the view ${name} is outside of the folder of ${owner}`);
    return path;
  }

  #ownerOf(path: string): string {
    for (const [id, root] of this.#roots) if (isInside(root, path)) return id;
    throw new Error(`${path} is in no folder of views`);
  }

  #read(path: string): string {
    const text = readFileSync(path, 'utf8');
    // Raw output is how markup that somebody typed gets into a page; components and includes do not need it.
    if (this.#ownerOf(path) !== HOST && /<%[-_]?\s*~/.test(text)) throw new Error(`${path}: <%~ is not allowed`);
    return text;
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

function safeIncludes(source: string): string {
  if (!source.includes(INCLUDE)) throw new Error('this version of Eta builds views in another way');
  return source.replace(INCLUDE, SAFE_INCLUDE);
}
