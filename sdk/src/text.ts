/** Messages are values: written in English where they arise, translated where they are shown. */

/** A sentence with its arguments, translated at render time in the reader's language, never at import. */
export interface Message {
  readonly extension: string;
  /** The English source sentence; also the catalogue key. Arguments stand as `{{name}}`. */
  readonly key: string;
  readonly args: Readonly<Record<string, string | number>>;
}

/** Anything that can be shown: a plain string (shown as it is) or a message (translated). */
export type Text = string | Message;

/** Binds messages to the catalogue of one extension: `const t = messages('admin'); t('No such {{what}}', { what })`. */
export const messages =
  (extension: string) =>
  (key: string, args: Readonly<Record<string, string | number>> = {}): Message =>
    Object.freeze({ extension, key, args });

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'extension' in value && 'key' in value && 'args' in value;

/** The English sentence of a text, arguments filled in. */
export function plainText(text: Text): string {
  if (typeof text === 'string') return text;
  return text.key.replace(/\{\{(\w+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(text.args, name) ? String(text.args[name]) : whole,
  );
}
