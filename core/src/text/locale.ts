import { readdirSync } from 'node:fs';
import type { ExtensionDefinition } from '@posthorn/sdk';

const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ps', 'ur', 'yi']);

export const directionOf = (locale: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.has(locale.split('-', 1)[0] ?? '') ? 'rtl' : 'ltr';

/** The languages that any extension of a generation speaks. English is the source and always there. */
export function languagesOf(order: readonly Pick<ExtensionDefinition, 'locales'>[]): readonly string[] {
  const found = new Set(['en']);
  for (const { locales } of order) {
    if (locales === undefined) continue;
    try {
      for (const file of readdirSync(locales)) {
        const name = /^([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.json$/.exec(file)?.[1];
        if (name !== undefined) found.add(name);
      }
    } catch {
      // A folder that is announced and missing speaks nothing.
    }
  }
  return [...found].sort();
}

/** The best language for somebody: each wish in turn, exactly or by its first part, else English. */
export function chooseLanguage(known: readonly string[], wishes: readonly (string | undefined)[]): string {
  for (const wish of wishes) {
    if (wish === undefined || wish === '') continue;
    const exact = known.find((language) => language.toLowerCase() === wish.toLowerCase());
    const base = wish.split('-', 1)[0]?.toLowerCase();
    const found = exact ?? known.find((language) => language.toLowerCase() === base);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** The languages of an `Accept-Language` header, the dearest first. */
export const acceptedLanguages = (header: string | undefined): readonly string[] =>
  (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...options] = part.split(';').map((text) => text.trim());
      const weight = Number(options.find((option) => option.startsWith('q='))?.slice(2) ?? 1);
      return { tag, weight: Number.isFinite(weight) ? weight : 0 };
    })
    .filter(({ tag, weight }) => /^[A-Za-z0-9-]{1,35}$/.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
