import { messages, type PageRequest, type Text } from '@posthorn/sdk';
import { type AccountLimitName, isUnlimited, RESOURCES } from '../contract/resources.js';
import type { LimitView } from '../contract/services.js';

const t = messages('limits');

/** A limit as views draw it. */
export interface Bar {
  readonly label: Text;
  /** Beside the bar, or instead of it. */
  readonly text: Text;
  readonly value: number;
  /** 0 where there is nothing to fill. */
  readonly max: number;
}

const UNITS = ['megabyte', 'gigabyte', 'terabyte'] as const;

/** A number of things, or a size in the largest unit that fits. */
export function amount(name: AccountLimitName, value: number, locale: string): string {
  if (name !== 'quota') return new Intl.NumberFormat(locale).format(value);
  const { unit, size } = sizeUnit(value);
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, options).format(value / size);
}

/** The largest unit that a size in megabytes fills, and how many megabytes it is. */
export function sizeUnit(megabytes: number): { readonly unit: (typeof UNITS)[number]; readonly size: number } {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, megabytes)) / Math.log(1024)));
  return { unit: UNITS[step] ?? 'megabyte', size: 1024 ** step };
}

/** As the locale writes it behind a number. */
export const unitName = (unit: string, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' })
    .formatToParts(1)
    .find(({ type }) => type === 'unit')?.value ?? '';

export function barsOf(views: readonly LimitView[], { locale }: Pick<PageRequest, 'locale'>): readonly Bar[] {
  return views.map((view) => {
    const { label } = RESOURCES[view.name];
    const used = amount(view.name, view.used, locale);
    if (isUnlimited(view.name, view.effective)) {
      return { label, text: t('{{used}}, no limit', { used }), value: 0, max: 0 };
    }
    const max = amount(view.name, view.effective, locale);
    const all = amount(view.name, view.effective_used, locale);
    const text =
      view.source === null
        ? t('{{used}} of {{max}}', { used, max })
        : t('{{used}} of {{max}} (from {{source}})', { used: all, max, source: view.source });
    return { label, text, value: view.effective_used, max: view.effective };
  });
}

/** Nothing at all can be made: what everybody asks about who is new. */
export const hasNothing = (views: readonly LimitView[]): boolean => {
  const counts = views.filter(({ name }) => name !== 'quota');
  return counts.length > 0 && counts.every(({ effective }) => effective === 0);
};
