import type { Text } from '@posthorn/sdk';
import type { SavedFilter } from './saved-filters.js';

/** What components take from the page they stand on. */
export interface UiEnvironment {
  /** The reader's language. */
  readonly t: (text: Text) => string;
  readonly locale: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Of the page's session; stands in every form that is sent. */
  readonly csrf: string;
  /** What the reader keeps for the list of this page; undefined for a guest. */
  readonly savedFilters?: readonly SavedFilter[];
  /** The address of the icon sprite. */
  readonly sprite: () => string;
  /** An icon name that does not exist throws; otherwise it shows a dot. */
  readonly isStrict: boolean;
}

/** Costly to make; languages are few. */
const formats = new Map<string, Intl.NumberFormat>();

export function formatNumber(env: UiEnvironment, value: number): string {
  const format = formats.get(env.locale) ?? new Intl.NumberFormat(env.locale);
  formats.set(env.locale, format);
  return format.format(value);
}
