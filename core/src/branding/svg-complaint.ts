import { isUtf8 } from 'node:buffer';
import { type Message, messages } from '@posthorn/sdk';
import { XmlEntityError, XmlError, type XmlToken, xmlTokens } from './xml-tokens.js';

const t = messages('host');

const SVG = 'http://www.w3.org/2000/svg';

/** What can run, load or stand for something else than a drawing, by its name without a prefix. */
const FORBIDDEN = new Set(
  'script foreignobject iframe embed object audio video canvas html body link meta base handler listener animate animatemotion animatetransform animatecolor set discard'.split(
    ' ',
  ),
);
const LOCAL = /^#[\w.:-]+$/;
/** A picture inside of the picture; these types can do nothing. */
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]+$/i;

/** Why the bytes cannot be an SVG logo; undefined where they can. Told is the first reason. */
export function svgComplaint(bytes: Buffer): Message | undefined {
  const text = isUtf8(bytes) ? bytes.toString('utf8').replace(/^\ufeff/, '') : '';
  if (!/^\s*</.test(text) || !/<(?:[\w.-]+:)?svg[\s>]/.test(text)) return t('is neither a PNG, a WebP nor an SVG');
  try {
    const tokens = xmlTokens(text);
    for (const [i, token] of tokens.entries()) {
      const complaint = tokenComplaint(token, i === 0);
      if (complaint !== undefined) return complaint;
    }
    return rootComplaint(tokens) ?? styleComplaint(tokens);
  } catch (error) {
    if (error instanceof XmlEntityError) return t('holds entities of its own, which a logo must not');
    if (error instanceof XmlError) return t('is damaged: it cannot be read as XML');
    throw error;
  }
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase();

function rootComplaint(tokens: readonly XmlToken[]): Message | undefined {
  const root = tokens.find((token) => token.kind === 'open');
  const prefix = root?.name.includes(':') === true ? `xmlns:${root.name.split(':', 1)[0]}` : 'xmlns';
  const isSvg =
    root !== undefined &&
    local(root.name) === 'svg' &&
    root.attributes.some(({ name, value }) => name === prefix && value === SVG);
  return isSvg ? undefined : t('is neither a PNG, a WebP nor an SVG');
}

function tokenComplaint(token: XmlToken, isFirst: boolean): Message | undefined {
  if (token.kind === 'declaration') return t('holds entities of its own, which a logo must not');
  if (token.kind === 'instruction' && !(token.target === 'xml' && isFirst)) {
    return t('holds references to other files, which a logo must not');
  }
  if (token.kind !== 'open') return undefined;
  if (FORBIDDEN.has(local(token.name))) {
    return t('holds the element {{name}}, which a logo must not', { name: token.name.slice(0, 60) });
  }
  for (const { name, value } of token.attributes) {
    const own = local(name);
    if (/^on/.test(own)) {
      return t('holds the attribute {{name}}, which runs code: a logo must not', { name: name.slice(0, 60) });
    }
    const isReference = own === 'href' || own === 'src';
    const isHere = LOCAL.test(value.trim()) || (local(token.name) === 'image' && PICTURE.test(value.trim()));
    if ((isReference && !isHere) || name === 'xml:base' || loads(value)) {
      return t('holds references to other files, which a logo must not');
    }
  }
  return undefined;
}

/** The text of `style` elements; elsewhere text is only shown. */
function styleComplaint(tokens: readonly XmlToken[]): Message | undefined {
  let depth = 0;
  let css = '';
  for (const token of tokens) {
    if (token.kind === 'open' && (depth > 0 || local(token.name) === 'style')) depth += 1;
    else if (token.kind === 'close' && depth > 0) depth -= 1;
    else if (token.kind === 'text' && depth > 0) css += token.text;
  }
  return loads(css) ? t('holds references to other files, which a logo must not') : undefined;
}

/** Whether CSS, or an attribute that is read as such, names anything but a part of the same file. */
function loads(css: string): boolean {
  // With escapes and comments the words below could be written in ways that are not found.
  if (/\\|\/\*/.test(css) && /[({@]/.test(css)) return true;
  if (/@import|image-set|javascript:|expression\s*\(|-moz-binding|behavior\s*:/i.test(css)) return true;
  return [...css.matchAll(/url\s*\(\s*(['"]?)([^)]*)/gi)].some(([, , target = '']) => !target.startsWith('#'));
}
