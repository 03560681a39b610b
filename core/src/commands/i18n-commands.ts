import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CommandContext, type Contribution, command, field, messages, plainText } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { type Catalog, catalogIn, checkCatalog, keysOf } from '../text/catalog-check.js';
import { type CatalogOwner, catalogOwners } from '../text/catalog-sources.js';
import { languagesOf } from '../text/locale.js';
import { type Sentences, sentencesIn } from '../text/source-sentences.js';

const t = messages('host');
const permission = 'core.manage_extensions';
/** The language of the sources: it has no catalogue. */
const SOURCE = 'en';
const EXTENSION = field.string({ label: t('Extension'), max: 40 });
const LANGUAGE = field.string({ label: t('Language'), help: t('A language tag such as fr or pt-BR.'), max: 35 });

/** For those who translate: what catalogues lack. */
export const i18nCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'i18n',
    verb: 'check',
    summary: t('Compare catalogues of translations with what is said'),
    description: t(
      'Shows sentences without a translation, forms that a language needs for numbers, arguments that differ, and entries that nobody uses. Exits with 1 where there is something.',
    ),
    examples: ['i18n check', 'i18n check admin --language fr --json'],
    permission,
    positional: ['extension'],
    input: { extension: EXTENSION.optional(), language: LANGUAGE.optional() },
    run: async ({ extension, language }, c) => {
      if (language !== undefined) readLanguage(language);
      const all = catalogOwners(kernel());
      const rows: Row[] = [];
      for (const owner of extension === undefined ? all : [ownerOf(all, extension)]) {
        rows.push(...(await findingsOf(owner, language)));
      }
      if (rows.length === 0) c.out.note(t('Nothing is missing.'));
      else await c.out.list(rows, ['extension', 'language', 'finding', 'sentence', 'file']);
      if (rows.length > 0) c.setExitCode(1);
    },
  }),
  command({
    noun: 'i18n',
    verb: 'extract',
    summary: t('Write what a catalogue lacks into its file'),
    description: t(
      'For an extension under development. Entries that are there stay as they are; new ones are empty and say nothing until they are filled in.',
    ),
    examples: ['i18n extract acme-notes --language fr', 'i18n extract acme-notes --language de --copy'],
    permission,
    positional: ['extension'],
    input: {
      extension: EXTENSION,
      language: LANGUAGE,
      copy: field.boolean({ label: t('Copy'), help: t('Write the English sentence into new entries.') }).default(false),
    },
    run: async ({ extension, language, copy }, c) =>
      extract(ownerOf(catalogOwners(kernel()), extension), readLanguage(language), copy, c),
  }),
];

interface Row {
  readonly [name: string]: string;
  readonly extension: string;
}

function ownerOf(all: readonly CatalogOwner[], id: string): CatalogOwner {
  const found = all.find((owner) => owner.id === id);
  if (found === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'extension' });
  return found;
}

/** A tag in the form in which files are called after it. */
function readLanguage(typed: string): string {
  if (/^[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/.test(typed)) {
    try {
      return Intl.getCanonicalLocales(typed)[0] ?? typed;
    } catch {
      // Told below, like everything else that is no tag.
    }
  }
  throw problem('E_LANGUAGE', { language: typed }, { field: 'language' });
}

async function findingsOf(owner: CatalogOwner, language: string | undefined): Promise<readonly Row[]> {
  const languages =
    language === undefined
      ? languagesOf([{ locales: pathToFileURL(join(owner.locales, '/')) }]).filter((each) => each !== SOURCE)
      : [language];
  if (languages.length === 0) return [];
  const sentences = await sentencesIn(owner.id, owner.sources);
  const found: Row[] = [];
  for (const each of languages) {
    const read = await catalogIn(join(owner.locales, `${each}.json`));
    const findings =
      'wrong' in read
        ? [{ language: each, finding: 'catalogue', sentence: plainText(read.wrong), file: `${each}.json` }]
        : checkCatalog(each, read.catalog, sentences);
    found.push(...findings.map((finding) => ({ extension: owner.id, ...finding })));
  }
  return found;
}

async function extract(owner: CatalogOwner, language: string, isCopied: boolean, c: CommandContext): Promise<void> {
  const [source = ''] = owner.sources;
  if ((await realpath(source)).split(sep).includes('node_modules')) {
    throw problem('E_EXTENSION_INSTALLED', { id: owner.id }, { field: 'extension' });
  }
  const path = join(owner.locales, `${language}.json`);
  const read = await catalogIn(path);
  if ('wrong' in read) throw problem('E_CATALOGUE', { path, reason: read.wrong });
  const { catalog } = read;
  const sentences = await sentencesIn(owner.id, owner.sources);
  const added = newEntries(catalog, sentences, language, isCopied);
  const all = Object.entries({ ...catalog, ...added }).sort(([a], [b]) => (a < b ? -1 : 1));
  if (Object.keys(added).length > 0) {
    await mkdir(owner.locales, { recursive: true });
    await writeFile(path, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
  }
  c.out.item({ file: path, added: Object.keys(added).length });
}

function newEntries(catalog: Catalog, { said }: Sentences, language: string, isCopied: boolean): Catalog {
  const added: Record<string, string> = {};
  for (const sentence of said.values()) {
    for (const key of keysOf(sentence, language)) {
      if (Object.hasOwn(catalog, key)) continue;
      const source = key === `${sentence.key}_one` ? (sentence.one ?? sentence.key) : sentence.key;
      added[key] = isCopied ? source : '';
    }
  }
  return added;
}
