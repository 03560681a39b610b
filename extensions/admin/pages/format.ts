/** Numbers, sizes and moments in the reader's language. Formatters are costly to make, so each is made once. */
const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function keep<F extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => F): F {
  const found = kept.get(key) as F | undefined;
  if (found !== undefined) return found;
  const made = make();
  // Languages and time zones are few; the bound is for whoever sends a thousand of them.
  if (kept.size > 200) kept.clear();
  kept.set(key, made);
  return made;
}

export const number = (value: number, locale: string): string =>
  keep(`n ${locale}`, () => new Intl.NumberFormat(locale)).format(value);

const UNITS = ['megabyte', 'gigabyte', 'terabyte'] as const;

/** A size that is stored in megabytes, in the largest unit that fits. */
export function size(megabytes: number, locale: string): string {
  let value = megabytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const name = UNITS[unit] ?? 'megabyte';
  const format = () =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 });
  return keep(`s ${locale} ${name}`, format).format(value);
}

export interface Reader {
  readonly locale: string;
  readonly timeZone: string;
}

export const moment = (iso: string, { locale, timeZone }: Reader): string =>
  iso === ''
    ? ''
    : keep(
        `m ${locale} ${timeZone}`,
        () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }),
      ).format(new Date(iso));
