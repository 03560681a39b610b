/** One word of JavaScript or TypeScript, as far as finding sentences needs them apart. */
export interface Token {
  /** `text`: a string whose value is known; `template`: one with parts that are not. */
  readonly kind: 'name' | 'text' | 'template' | 'sign';
  /** Of a text its value, without quotes and escapes. */
  readonly value: string;
}

const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const NAME = /[\p{L}\p{Nl}$_#][\p{L}\p{Nl}\p{M}\p{Nd}\p{Pc}$\u200c\u200d]*/uy;
const NUMBER = /(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?)n?/iy;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
/** Behind these a slash begins a regular expression; behind every other name it divides. */
const BEFORE_VALUE = new Set(
  'return typeof case in of do else void delete throw new instanceof yield await default'.split(' '),
);

/** Splits source text. What stands in `${…}` of a template follows it in brackets. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  read(source, 0, tokens, false);
  return tokens;
}

/** Reads to the end, or within a template to the brace that ends a part of it; gives the place behind it. */
function read(source: string, from: number, tokens: Token[], isPart: boolean): number {
  let at = from;
  let depth = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const space = match(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const c = source.charAt(at);
    if (c === '`') {
      at = readTemplate(source, at + 1, tokens);
      continue;
    }
    if (isPart && c === '}' && depth === 0) return at + 1;
    const literal = match(STRING);
    const name = literal === undefined ? match(NAME) : undefined;
    const other = match(NUMBER) ?? (c === '/' && isValueNext(tokens.at(-1)) ? match(REGEX) : undefined) ?? c;
    if (literal !== undefined) tokens.push({ kind: 'text', value: unescaped(literal.slice(1, -1)) });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else tokens.push({ kind: 'sign', value: other });
    if (c === '{') depth++;
    if (c === '}') depth--;
    at += (literal ?? name ?? other).length;
  }
  return at;
}

function readTemplate(source: string, from: number, tokens: Token[]): number {
  let at = from;
  let text = '';
  const parts: Token[] = [];
  let isWhole = true;
  while (at < source.length && source.charAt(at) !== '`') {
    if (source.startsWith('${', at)) {
      isWhole = false;
      parts.push({ kind: 'sign', value: '(' });
      at = read(source, at + 2, parts, true);
      parts.push({ kind: 'sign', value: ')' });
      continue;
    }
    const length = source.charAt(at) === '\\' ? 2 : 1;
    text += source.slice(at, at + length);
    at += length;
  }
  tokens.push(isWhole ? { kind: 'text', value: unescaped(text) } : { kind: 'template', value: '' }, ...parts);
  return at + 1;
}

function isValueNext(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'name') return BEFORE_VALUE.has(before.value);
  return before.kind === 'sign' && !/^[)\]}\d]/.test(before.value);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' };

const unescaped = (text: string): string =>
  text.replace(/\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|(\r\n|[\s\S]))/gi, (_, wide, four, two, one) => {
    const code = wide ?? four ?? two;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return /[\r\n\u2028\u2029]/.test(one) ? '' : (ESCAPES[one] ?? one);
  });
