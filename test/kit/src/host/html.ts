/**
 * A parser for markup that is written with care: every element closed, attributes quoted. Enough to look at pages of a
 * host without a browser; it repairs nothing.
 */
export interface HtmlElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (HtmlElement | string)[];
  readonly parent: HtmlElement | undefined;
}

const VOID = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'track',
  'wbr',
]);
const RAW = new Set(['script', 'style', 'textarea', 'title']);
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

const decode = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) =>
    name !== undefined
      ? (NAMED[name] ?? whole)
      : String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
  );

interface Open extends HtmlElement {
  readonly children: (HtmlElement | string)[];
}

const TOKEN =
  /<!--[\s\S]*?-->|<![^>]*>|<\/([a-zA-Z][\w-]*)\s*>|<([a-zA-Z][\w-]*)((?:\s+[^\s=>/]+(?:="[^"]*"|='[^']*')?)*)\s*(\/?)>/g;
const ATTRIBUTE = /([^\s=>/]+)(?:=(?:"([^"]*)"|'([^']*)'))?/g;

/** The root has the tag `#document`. */
export function parseHtml(source: string): HtmlElement {
  const root: Open = { tag: '#document', attributes: {}, children: [], parent: undefined };
  let at = 0;
  let inside: Open = root;
  const add = (text: string): void => {
    if (text !== '') inside.children.push(decode(text));
  };
  const token = new RegExp(TOKEN);
  for (let found = token.exec(source); found !== null; found = token.exec(source)) {
    add(source.slice(at, found.index));
    at = token.lastIndex;
    const [, closing, opening, attributes = '', slash] = found;
    if (closing !== undefined) {
      const tag = closing.toLowerCase();
      let open: HtmlElement | undefined = inside;
      while (open !== undefined && open.tag !== tag) open = open.parent;
      inside = (open?.parent as Open | undefined) ?? inside;
    } else if (opening !== undefined) {
      const tag = opening.toLowerCase();
      const element: Open = { tag, attributes: attributesOf(attributes), children: [], parent: inside };
      inside.children.push(element);
      if (RAW.has(tag)) {
        const end = source.toLowerCase().indexOf(`</${tag}`, at);
        const content = source.slice(at, end === -1 ? undefined : end);
        element.children.push(tag === 'script' || tag === 'style' ? content : decode(content));
        at = end === -1 ? source.length : end;
        token.lastIndex = at;
        inside = element;
      } else if (slash !== '/' && !VOID.has(tag)) {
        inside = element;
      }
    }
  }
  add(source.slice(at));
  return root;
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null);
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE))
    found[name.toLowerCase()] = decode(double ?? single ?? '');
  return found;
}

/** Every element below `from`, in the order of the document. */
export function* elements(from: HtmlElement): Generator<HtmlElement> {
  for (const child of from.children) {
    if (typeof child === 'string') continue;
    yield child;
    yield* elements(child);
  }
}

export type Wanted = (element: HtmlElement) => boolean;

export const findAll = (from: HtmlElement, wanted: Wanted): readonly HtmlElement[] =>
  [...elements(from)].filter(wanted);

export function find(from: HtmlElement, wanted: Wanted): HtmlElement | undefined {
  for (const element of elements(from)) if (wanted(element)) return element;
  return undefined;
}

export const isTag =
  (...tags: readonly string[]): Wanted =>
  ({ tag }) =>
    tags.includes(tag);

export const hasClass =
  (name: string): Wanted =>
  ({ attributes }) =>
    (attributes['class'] ?? '').split(/\s+/).includes(name);

export const hasId =
  (id: string): Wanted =>
  ({ attributes }) =>
    attributes['id'] === id;

/** What a reader sees, white space folded; scripts and styles left out. */
export const textOf = (element: HtmlElement): string => rawText(element).replace(/\s+/g, ' ').trim();

export const rawText = (element: HtmlElement): string =>
  element.children
    .map((child) =>
      typeof child === 'string' ? child : child.tag === 'script' || child.tag === 'style' ? '' : apart(child),
    )
    .join('');

/** Words of two cells or paragraphs do not run together. */
const INLINE = new Set([
  'a',
  'abbr',
  'b',
  'bdi',
  'code',
  'em',
  'i',
  'kbd',
  'mark',
  'small',
  'span',
  'strong',
  'sub',
  'sup',
]);
const apart = (element: HtmlElement): string => (INLINE.has(element.tag) ? rawText(element) : ` ${rawText(element)} `);
