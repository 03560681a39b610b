/** A moment in the reader's language and time zone; formatters are costly to make, so each is kept. */
const kept = new Map<string, Intl.DateTimeFormat>();

export function moment(at: Date, { locale, timeZone }: { readonly locale: string; readonly timeZone: string }): string {
  const key = `${locale} ${timeZone}`;
  let format = kept.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone });
    if (kept.size > 100) kept.clear();
    kept.set(key, format);
  }
  return format.format(at);
}
