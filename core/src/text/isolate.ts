import { isMessage, type Text } from '@posthorn/sdk';
import type { Translate } from './catalogs.js';

/** Letters that are read from right to left, and the marks that end or begin an isolated run. */
const TURNS =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200f\u2066-\u2069]/u;
const FIRST_STRONG = '\u2068';
const POP = '\u2069';

/** A name inside of a sentence, kept from turning its neighbours round (UAX #9, section 2.4.2). */
const isolated = (name: string | number): string | number =>
  typeof name === 'string' && TURNS.test(name)
    ? `${FIRST_STRONG}${name.replace(/[\u2066-\u2069]/g, '\ufffd')}${POP}`
    : name;

/** The same translation, for pages: what is put into a sentence keeps its own direction, and the sentence keeps its. */
export const isolating =
  (translate: Translate): Translate =>
  (text: Text) => {
    if (!isMessage(text)) return translate(text);
    const args = Object.fromEntries(Object.entries(text.args).map(([name, value]) => [name, isolated(value)]));
    return translate({ ...text, args });
  };
