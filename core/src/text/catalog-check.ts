import { readFile } from 'node:fs/promises';
import { type Message, messages } from '@posthorn/sdk';
import type { Said, Sentences } from './source-sentences.js';

/**
 * `catalogue`: a file that is no flat object of texts; `missing`: a sentence without a translation; `plural`: a counted
 * one that lacks a form of the language; `placeholders`: other arguments than in the source; `unused`: said by nobody.
 */
export type FindingKind = 'catalogue' | 'missing' | 'plural' | 'placeholders' | 'unused';

export interface CatalogFinding {
  readonly language: string;
  readonly finding: FindingKind;
  /** The key in the catalogue; of the kind `catalogue` what is wrong with the file. */
  readonly sentence: string;
  /** Where the sentence is said; empty where it is not. */
  readonly file: string;
}

export type Catalog = Readonly<Record<string, string>>;

/** The forms that a language has for numbers, such as `one` and `other` (CLDR). */
export const formsOf = (language: string): readonly string[] =>
  new Intl.PluralRules(language).resolvedOptions().pluralCategories;

/** The keys that a sentence has in the catalogue of a language. */
export const keysOf = ({ key, one }: Said, language: string): readonly string[] =>
  one === undefined ? [key] : formsOf(language).map((form) => `${key}_${form}`);

const t = messages('host');

/** A catalogue as it stands in its file, or what is wrong with it. A file that is not there is an empty one. */
export async function catalogIn(file: string): Promise<{ readonly catalog: Catalog } | { readonly wrong: Message }> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { catalog: {} };
    return { wrong: error instanceof SyntaxError ? t('it is no JSON') : t('it cannot be read') };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return { wrong: t('it is no object') };
  const odd = Object.entries(content).find(([, value]) => typeof value !== 'string');
  return odd === undefined
    ? { catalog: content as Catalog }
    : { wrong: t('it has something else than a text under "{{key}}"', { key: odd[0] }) };
}

/** What a catalogue lacks of what is said, and what it has that nobody says. */
export function checkCatalog(
  language: string,
  catalog: Catalog,
  sentences: Pick<Sentences, 'said' | 'texts'>,
): readonly CatalogFinding[] {
  const findings: CatalogFinding[] = [];
  const known = new Set<string>();
  const singulars = new Set<string>();
  for (const said of sentences.said.values()) {
    const { key, one, file } = said;
    const keys = keysOf(said, language);
    const missing = keys.filter((each) => (Object.hasOwn(catalog, each) ? catalog[each] : '') === '');
    for (const each of keys) known.add(each);
    if (one !== undefined) singulars.add(one);
    if (missing.length === keys.length) findings.push({ language, finding: 'missing', sentence: key, file });
    else for (const sentence of missing) findings.push({ language, finding: 'plural', sentence, file });
    for (const sentence of keys.filter((each) => !missing.includes(each))) {
      if (hasOtherArguments(key, catalog[sentence] ?? '', one !== undefined)) {
        findings.push({ language, finding: 'placeholders', sentence, file });
      }
    }
  }
  for (const sentence of Object.keys(catalog)) {
    // One that is said through a variable stands in the sources all the same.
    const isElsewhere = sentences.texts.has(sentence) && !sentences.said.has(sentence) && !singulars.has(sentence);
    if (!known.has(sentence) && !isElsewhere) findings.push({ language, finding: 'unused', sentence, file: '' });
  }
  return findings;
}

/** A form of a counted sentence may say its number in words. */
function hasOtherArguments(source: string, translation: string, isCounted: boolean): boolean {
  const [wanted, given] = [source, translation].map((text) =>
    [...text.matchAll(/\{\{(\w+)\}\}/g)]
      .flatMap(([, name = '']) => (isCounted && name === 'count' ? [] : [name]))
      .sort(),
  );
  return String(wanted) !== String(given);
}
