/** Messages are values: written in English where they arise, translated where they are shown. */

/**
 * What stands in a sentence for `{{name}}`. A message among them is said in the language of the whole.
 * @public @since 1.0.0
 */
export type TextArgs = Readonly<Record<string, string | number | Message>>;

/**
 * A sentence with its arguments, translated at render time in the reader's language, never at import.
 * @public @since 1.0.0
 */
export interface Message {
  /** Whose catalogue translates it. */
  readonly extension: string;
  /** The English source sentence (of a counted one its plural); also the catalogue key. Arguments stand as `{{name}}`. */
  readonly key: string;
  /** The English singular of a sentence that depends on its argument `count`. */
  readonly one?: string;
  /** What stands in it. */
  readonly args: TextArgs;
}

/** Anything that can be shown: a plain string (shown as it is) or a message (translated). @public @since 1.0.0 */
export type Text = string | Message;

/**
 * The two English forms of a sentence about a number. A language that has other forms gives them in its catalogue, as
 * the plural with `_zero`, `_one`, `_two`, `_few`, `_many` and `_other` behind it.
 * @public @since 1.0.0
 */
export interface Counted {
  /** For exactly one. */
  readonly one: string;
  /** For any other number. */
  readonly other: string;
}

/** A source sentence, or both forms of a counted one. @public @since 1.0.0 */
export type Sentence = string | Counted;

/** Makes messages of one extension. @public @since 1.0.0 */
export interface Messages {
  (sentence: string, args?: TextArgs): Message;
  /** `count` chooses the form, and is shown as the language writes numbers. */
  (sentence: Counted, args: TextArgs & { readonly count: number }): Message;
}

/**
 * Binds messages to the catalogue of one extension: `const t = messages('admin'); t('No such {{what}}', { what })`, or
 * `t({ one: '{{count}} page', other: '{{count}} pages' }, { count })`.
 * @public @since 1.0.0
 */
export const messages = (extension: string): Messages => {
  const t = (sentence: Sentence, args: TextArgs = {}): Message => messageOf(extension, sentence, args);
  return t as Messages;
};

/**
 * A message of a sentence of either kind. A counted one without the number `count` is said in its plural.
 * @internal @since 1.0.0
 */
export const messageOf = (extension: string, sentence: Sentence, args: TextArgs): Message =>
  Object.freeze(
    typeof sentence === 'string'
      ? { extension, key: sentence, args }
      : { extension, key: sentence.other, one: sentence.one, args },
  );

/** Whether a value is a message, from whichever copy of this package. @internal @since 1.0.0 */
export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'extension' in value && 'key' in value && 'args' in value;

/** Texts stand in texts no deeper than this; what is deeper, or runs in a circle, is shown as three dots. */
const DEPTH_MAX = 8;
const TOO_DEEP = '…';

/**
 * The arguments of a message as they stand in a sentence: messages are given to `say`, `count` is formatted.
 * @internal @since 1.0.0
 */
export function sayArgs(
  message: Message,
  depth: number,
  say: (inner: Message, depth: number) => string,
  format: (count: number) => string,
): Record<string, string> {
  const said: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(message.args)) {
    if (isMessage(value)) said[name] = depth < DEPTH_MAX ? say(value, depth + 1) : TOO_DEEP;
    else if (name === 'count' && message.one !== undefined && typeof value === 'number') said[name] = format(value);
    else said[name] = String(value);
  }
  return said;
}

/** The English sentence of a message around arguments that have been said. @internal @since 1.0.0 */
export const sayPlain = (message: Message, said: Readonly<Record<string, string>>): string => {
  const sentence = message.one !== undefined && message.args['count'] === 1 ? message.one : message.key;
  // Most have nothing to be filled in, and looking is cheaper than replacing.
  return sentence.includes('{{')
    ? sentence.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => said[name] ?? whole)
    : sentence;
};

const ENGLISH = new Intl.NumberFormat('en');

/** The English sentence of a text, arguments filled in. @public @since 1.0.0 */
export const plainText = (text: Text): string => (typeof text === 'string' ? text : plain(text, 0));

const plain = (message: Message, depth: number): string =>
  sayPlain(
    message,
    sayArgs(message, depth, plain, (count) => ENGLISH.format(count)),
  );
