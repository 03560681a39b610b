// biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop them from addresses, so `/\t/x` is `//x`
const SHAPE = /^\/(?!\/)[^\\\u0000-\u0020\u007f-\u009f]{0,2000}$/;
const HERE = 'http://here.invalid';

/**
 * Whether a text is a path of ours, so that a redirect to it stays with us: one slash first, no backslash, no control
 * character, and still not another host after a browser has read it.
 */
export function isOwnPath(text: string): boolean {
  if (!SHAPE.test(text) || !URL.canParse(text, HERE)) return false;
  const url = new URL(text, HERE);
  return url.origin === HERE && !url.pathname.startsWith('//');
}

/** As a `Location` header wants it: ASCII. */
export const headerPath = (path: string): string => {
  const url = new URL(path, HERE);
  return `${url.pathname}${url.search}${url.hash}`;
};
