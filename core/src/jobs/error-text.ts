const MAX_LENGTH = 1000;

/** What went wrong in one line for the operator: no stack, no control characters (PostgreSQL refuses NUL in text). */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const line =
    text
      .split(/[\r\n\u2028\u2029]+/)
      .map((part) => part.trim())
      .find((part) => part !== '') ?? 'failed without saying why';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing control characters is the point
  const clean = line.replace(/[\u0000-\u001f\u007f]/g, ' ');
  // cut at a character, not inside a surrogate pair
  return clean.length <= MAX_LENGTH
    ? clean.toWellFormed()
    : `${clean.slice(0, MAX_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`.toWellFormed();
}
