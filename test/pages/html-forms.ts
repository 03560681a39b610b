export interface HtmlField {
  readonly name: string;
  /** `textarea`, `select` or the input's type. */
  readonly kind: string;
  /** What a browser sends where nobody touches it; undefined for a box that is not ticked. */
  readonly value: string | undefined;
}

export interface HtmlForm {
  readonly method: 'GET' | 'POST';
  readonly action: string;
  readonly fields: readonly HtmlField[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", apos: "'" };
const plain = (text: string): string => text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);

/** The value of an attribute; undefined where it is not there, `''` where it has none. */
function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s>/])`).exec(tag);
  return found === null ? undefined : plain(found[1] ?? '');
}

const optionOf = (options: string): string => {
  const all = [...options.matchAll(/<option[^>]*>/g)].map(([tag]) => tag);
  return attribute(all.find((tag) => attribute(tag, 'selected') !== undefined) ?? all[0] ?? '', 'value') ?? '';
};

function fieldsOf(inside: string): readonly HtmlField[] {
  const fields: HtmlField[] = [];
  for (const [, tag = '', kind = '', content = ''] of inside.matchAll(
    /(<(textarea|select)\b[^>]*>)([\s\S]*?)<\/\2>/g,
  )) {
    const name = attribute(tag, 'name');
    if (name === undefined) continue;
    // A line end right after the tag is none of the text.
    fields.push({ name, kind, value: kind === 'select' ? optionOf(content) : plain(content).replace(/^\r?\n/, '') });
  }
  for (const [tag] of inside.matchAll(/<(?:input|button)\b[^>]*>/g)) {
    const name = attribute(tag, 'name');
    if (name === undefined) continue;
    const kind = tag.startsWith('<button') ? 'submit' : (attribute(tag, 'type') ?? 'text');
    const isTicked = (kind !== 'checkbox' && kind !== 'radio') || attribute(tag, 'checked') !== undefined;
    const isSent = isTicked && kind !== 'submit';
    fields.push({ name, kind, value: isSent ? (attribute(tag, 'value') ?? '') : undefined });
  }
  return fields;
}

/** Every form of a page, as a browser without scripts finds it. The markup is ours, so a parser of our markup will do. */
export const formsIn = (html: string): readonly HtmlForm[] =>
  [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag = '', inside = '']) => ({
    method: attribute(`${tag}>`, 'method')?.toLowerCase() === 'post' ? 'POST' : 'GET',
    action: attribute(`${tag}>`, 'action') ?? '',
    fields: fieldsOf(inside),
  }));

/** By field: what another field must say for it to count. */
export const conditionsIn = (html: string): ReadonlyMap<string, Readonly<Record<string, string>>> =>
  new Map(
    [...html.matchAll(/ data-ph-if="([^"]+)" data-ph-is="([^"]+)"[^>]*>[\s\S]*?\sname="([^"]+)"/g)].map(
      ([, field = '', is = '', name = '']) => [name, { [field]: (JSON.parse(plain(is)) as string[])[0] ?? '' }],
    ),
  );

/** What a browser sends of a form that nobody has touched, with some fields written over. */
export function filled(
  form: HtmlForm,
  change: Readonly<Record<string, string | readonly string[]>> = {},
): Record<string, string | readonly string[]> {
  const sent: Record<string, string | readonly string[]> = {};
  for (const { name, value } of form.fields) {
    if (value === undefined) continue;
    const before = sent[name];
    sent[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
  }
  return { ...sent, ...change };
}

/** The form of a page that is sent to this address. */
export function formTo(html: string, action: string): HtmlForm {
  const found = formsIn(html).find((form) => form.method === 'POST' && form.action === action);
  if (found === undefined) throw new Error(`the page has no form to ${action}`);
  return found;
}
