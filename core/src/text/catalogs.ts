import { readFile } from 'node:fs/promises';
import {
  isMessage,
  type Message,
  messageOf,
  plainText,
  type Sentence,
  sayArgs,
  sayPlain,
  type Text,
  type TextArgs,
} from '@posthorn/sdk';
import i18next, { type i18n, type TFunction } from 'i18next';

/** Where an extension keeps its translations: `<language>.json`, English sentence → translation. */
export interface CatalogSource {
  readonly extension: string;
  readonly locales: URL;
}

/** Turns texts into sentences of one language. English is the source and needs no file. */
export type Translate = (text: Text) => string;

/** `it.t` in the views of an extension: takes its own sentences as they are written, and messages of anybody. */
export const boundTo =
  (extension: string, translate: Translate) =>
  (text: Sentence | Message, args: TextArgs = {}): string =>
    translate(isMessage(text) ? text : messageOf(extension, text, args));

async function readCatalog(source: CatalogSource, language: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(new URL(`${language}.json`, source.locales), 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${source.extension}: its catalogue ${language}.json cannot be read`, { cause: error });
  }
}

/** The sentences that do not belong to an extension; read also where no extension is there. */
export const HOST_CATALOG: CatalogSource = {
  extension: 'host',
  locales: new URL('../../locales/', import.meta.url),
};

/** Loads one language from every extension. One namespace each, so nobody overrides another's sentences. */
export async function translator(language: string, sources: readonly CatalogSource[]): Promise<Translate> {
  if (language === 'en' || sources.length === 0) return plainText;
  const resources: Record<string, Readonly<Record<string, string>>> = {};
  for (const source of sources) resources[source.extension] = await readCatalog(source, language);
  const instance: i18n = i18next.createInstance();
  await instance.init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: resources },
    // Sentences contain dots and colons, so neither separates anything; the views escape.
    keySeparator: false,
    nsSeparator: false,
    // An entry that waits for its translation says nothing yet.
    returnEmptyString: false,
    interpolation: { escapeValue: false },
  });
  const t: TFunction = instance.getFixedT(language);
  const numbers = new Intl.NumberFormat(language);
  const say = (message: Message, depth: number): string => {
    const replace = sayArgs(message, depth, say, (count) => numbers.format(count));
    const { count } = message.args;
    const isCounted = message.one !== undefined && typeof count === 'number';
    // Arguments go in as `replace`: beside it, i18next takes names such as `context` for options of its own.
    const options = { ns: message.extension, replace, ...(isCounted ? { count } : {}) };
    // A catalogue that lacks the form of a rare number has the one for all others.
    const key = [message.key, ...(message.one === undefined ? [] : [`${message.key}_other`])].find((one) =>
      instance.exists(one, options),
    );
    return key === undefined ? sayPlain(message, replace) : t(key, options);
  };
  return (text) => (typeof text === 'string' ? text : say(text, 0));
}
