/** A name that somebody made up, fit to be shown. */
export function shownName(name: string): string {
  const shown = name.replace(/\p{C}/gu, '\ufffd');
  return shown.length > 60 ? `${shown.slice(0, 60).toWellFormed()}…` : shown;
}
