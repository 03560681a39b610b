import { readFile } from 'node:fs/promises';
import { plainText, type Text } from '@posthorn/sdk';
import i18next, { type i18n, type TFunction } from 'i18next';

/** Where an extension keeps its translations: `<language>.json`, English sentence → translation. */
export interface CatalogSource {
  readonly extension: string;
  readonly locales: URL;
}

/** Turns texts into sentences of one language. English is the source and needs no file. */
export type Translate = (text: Text) => string;

async function readCatalog(source: CatalogSource, language: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(new URL(`${language}.json`, source.locales), 'utf8')) as Record<string, string>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${source.extension}: its catalogue ${language}.json cannot be read`, { cause: error });
  }
}

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
    interpolation: { escapeValue: false },
  });
  const t: TFunction = instance.getFixedT(language);
  return (text) => {
    if (typeof text === 'string') return text;
    return instance.exists(text.key, { ns: text.extension })
      ? t(text.key, { ...text.args, ns: text.extension })
      : plainText(text);
  };
}
