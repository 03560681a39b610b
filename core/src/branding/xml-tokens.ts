/** One piece of an XML document. Entities and character references in it are resolved. */
export type XmlToken =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: readonly XmlAttribute[] }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  /** `<!DOCTYPE`, `<!ENTITY` and the like: what can define entities. */
  | { readonly kind: 'declaration' }
  | { readonly kind: 'instruction'; readonly target: string };

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
}

/** The text is not well-formed. */
export class XmlError extends Error {}
/** The text names an entity that it would have to define first. */
export class XmlEntityError extends XmlError {}

const NAME = /[A-Za-z_:][\w:.-]*/y;
const ATTRIBUTE = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Takes XML 1.0 apart without ever defining an entity or reading anything else. Knows names of ASCII letters only and
 * checks that elements close in order. Throws `XmlError` for everything it does not know for certain: it serves to
 * refuse, not to be lenient.
 */
export function xmlTokens(text: string): readonly XmlToken[] {
  const tokens: XmlToken[] = [];
  const open: string[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const until = (end: string, from: number): string => {
    const to = text.indexOf(end, from);
    if (to === -1) throw new XmlError(`no ${end}`);
    at = to + end.length;
    return text.slice(from, to);
  };
  while (at < text.length) {
    if (text[at] !== '<') {
      const next = text.indexOf('<', at);
      const piece = text.slice(at, next === -1 ? undefined : next);
      at += piece.length;
      if (open.length === 0 && piece.trim() !== '') throw new XmlError('text outside of the root');
      tokens.push({ kind: 'text', text: resolved(piece) });
    } else if (text.startsWith('<!--', at)) {
      if (until('-->', at + 4).includes('--')) throw new XmlError('-- in a comment');
    } else if (text.startsWith('<![CDATA[', at)) {
      tokens.push({ kind: 'text', text: until(']]>', at + 9) });
    } else if (text.startsWith('<!', at)) {
      tokens.push({ kind: 'declaration' });
      return tokens;
    } else if (text.startsWith('<?', at)) {
      const target = /^[\w:.-]+/.exec(until('?>', at + 2))?.[0] ?? '';
      tokens.push({ kind: 'instruction', target: target.toLowerCase() });
    } else if (text.startsWith('</', at)) {
      at += 2;
      const name = match(NAME)?.[0];
      if (name === undefined || match(/\s*>/y) === null || open.pop() !== name) throw new XmlError('a wrong end tag');
      tokens.push({ kind: 'close', name });
    } else {
      at += 1;
      const name = match(NAME)?.[0];
      if (name === undefined || (open.length === 0 && tokens.some((one) => one.kind === 'open'))) {
        throw new XmlError('a tag where none can be');
      }
      const attributes: XmlAttribute[] = [];
      for (let found = match(ATTRIBUTE); found !== null; found = match(ATTRIBUTE)) {
        const [, key = '', double, single] = found;
        if (attributes.some((one) => one.name === key)) throw new XmlError('an attribute twice');
        attributes.push({ name: key, value: resolved(double ?? single ?? '') });
      }
      const end = match(TAG_END);
      if (end === null) throw new XmlError('an unfinished tag');
      tokens.push({ kind: 'open', name, attributes });
      if (end[1] === '/') tokens.push({ kind: 'close', name });
      else open.push(name);
    }
  }
  if (open.length > 0) throw new XmlError('an element without an end');
  return tokens;
}

function resolved(text: string): string {
  return text.replace(/&([^;&\s]{0,40});?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) throw new XmlError('a bare &');
    const known = PREDEFINED[name];
    if (known !== undefined) return known;
    const digits = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const code = digits === null ? Number.NaN : Number.parseInt(digits[1] ?? digits[2] ?? '', digits[1] ? 16 : 10);
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) throw new XmlEntityError(`the entity ${name}`);
    return String.fromCodePoint(code);
  });
}
