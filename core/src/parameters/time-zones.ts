let names: readonly string[] | undefined;

/** Every time zone by its usual name. UTC is no place, so the list of places may lack it. */
export const timeZones = (): readonly string[] =>
  (names ??= [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].sort());

export const isTimeZone = (name: string): boolean => timeZones().includes(name);
