/** Schemes a link may have when it leads away from us. */
const ABROAD = /^(?:https?:\/\/|mailto:|tel:)/i;
// Browsers drop tabs and line ends from addresses, so "java\nscript:" would run.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const CONTROL = /[\u0000-\u0020\u007f\\]/;

/**
 * An address that may stand in a link: a path of ours, a query, a place on the page, or http(s), mailto and tel.
 * Anything else (`javascript:`, `data:`, `//elsewhere`) is refused.
 */
export function href(value: string): string {
  const isOurs = (value.startsWith('/') && !value.startsWith('//')) || value.startsWith('?') || value.startsWith('#');
  if (CONTROL.test(value) || !(isOurs || ABROAD.test(value))) {
    throw new Error(`not an address for a link: ${JSON.stringify(value.slice(0, 80))}`);
  }
  return value;
}

/** Where a form may be sent: a path of ours. */
export function formAction(value: string): string {
  if (!value.startsWith('/') && !value.startsWith('?')) throw new Error('a form is sent to a path of ours');
  return href(value);
}

/** The same address with other query parameters; undefined takes one away. */
export function withQuery(url: URL, changes: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams(url.searchParams);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name);
    else query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? url.pathname : `${url.pathname}?${text}`;
}
