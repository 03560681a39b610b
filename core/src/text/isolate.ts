import { isMessage, type Message, type Text } from '@posthorn/sdk';
import type { Translate } from './catalogs.js';

/** Letters that are read from right to left, and the marks that end or begin an isolated run. */
const TURNS =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200f\u2066-\u2069]/u;
const FIRST_STRONG = '\u2068';
const POP = '\u2069';

/** Sentences inside each other deeper than this are not said at all. */
const DEPTH = 8;

/** A name inside of a sentence, kept from turning its neighbours round (UAX #9, section 2.4.2). */
const isolated = (name: string): string =>
  TURNS.test(name) ? `${FIRST_STRONG}${name.replace(/[\u2066-\u2069]/g, '\ufffd')}${POP}` : name;

const isolatedIn = (message: Message, depth: number): Message => {
  const args = Object.entries(message.args).map(([name, value]) => {
    if (typeof value === 'string') return [name, isolated(value)];
    return [name, isMessage(value) && depth < DEPTH ? isolatedIn(value, depth + 1) : value];
  });
  return { ...message, args: Object.fromEntries(args) };
};

/** The same translation, for pages: what is put into a sentence keeps its own direction, and the sentence keeps its. */
export const isolating =
  (translate: Translate): Translate =>
  (text: Text) =>
    translate(isMessage(text) && hasArgs(text) ? isolatedIn(text, 0) : text);

function hasArgs({ args }: Message): boolean {
  for (const _ in args) return true;
  return false;
}
