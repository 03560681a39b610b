/** Markup that may be printed as it is. Made by components and by `html`, never of what somebody typed. */
export class SafeHtml {
  constructor(readonly html: string) {}

  toString(): string {
    return this.html;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: NUL is what is taken out
/** Markup, and what is unfit for a page and has no entity. */
const SPECIAL = /[&<>"'\u0000\u202a-\u202e]/;
const SPECIALS = /[&<>"'\u0000\u202a-\u202e]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above

/**
 * What a value looks like in a page, in text and in quoted attributes: `SafeHtml` as it is, a list one after the other,
 * nothing for undefined, null and false, everything else escaped. A NUL is not allowed in HTML, and an override of the
 * text's direction would turn round what stands behind it (UTR #36): both are shown as what they are, a character that
 * does not belong there.
 */
export function escapeHtml(value: unknown): string {
  if (value instanceof SafeHtml) return value.html;
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(escapeHtml).join('');
  const text = String(value);
  // Most of what is printed needs nothing, and looking is cheaper than replacing.
  return SPECIAL.test(text) ? text.replace(SPECIALS, (character) => ENTITIES[character] ?? '\ufffd') : text;
}

/** `` html`<b>${name}</b>` ``: everything put in is escaped, except what is markup already. Quote attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly unknown[]): SafeHtml {
  let out = parts[0] ?? '';
  values.forEach((value, i) => {
    out += escapeHtml(value) + (parts[i + 1] ?? '');
  });
  return new SafeHtml(out);
}

export const nothing = new SafeHtml('');

/** ` name="value"`, or nothing where the value is undefined or false; true gives the bare name. The name is ours. */
export const attribute = (name: string, value: string | number | boolean | undefined): SafeHtml =>
  value === undefined || value === false ? nothing : value === true ? html` ${name}` : html` ${name}="${value}"`;
