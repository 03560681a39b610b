/** Subject and text of a letter, with `{{name}}` where something is filled in. */
export interface LetterText {
  readonly subject: string;
  readonly text: string;
}

export interface ComposedLetter extends LetterText {
  readonly html: string;
}

const PLACEHOLDER = /\{\{(\w+)\}\}/g;

/** Names that are used, and whether braces are left over that name nothing. */
export function placeholdersIn(text: string): { readonly names: readonly string[]; readonly isBroken: boolean } {
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  return { names: [...new Set(names)], isBroken: /\{\{|\}\}/.test(text.replace(PLACEHOLDER, '')) };
}

/** Line ends as one sign, and no other control characters. */
const lines = (text: string): string =>
  text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(/[^\P{C}\n\p{Cf}]/gu, '');
const oneLine = (text: string): string => lines(text).replace(/\s+/g, ' ').trim();

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Fills in the values once: braces within a value stay what they are. */
export function composeLetter(
  letter: LetterText,
  values: Readonly<Record<string, string>>,
  reader: { readonly language: string; readonly direction: 'ltr' | 'rtl' },
): ComposedLetter {
  const fill = (text: string, clean: (value: string) => string): string =>
    text.replace(PLACEHOLDER, (whole, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined ? whole : clean(value);
    });
  const subject = oneLine(fill(letter.subject, oneLine));
  const text = `${fill(lines(letter.text), lines).trim()}\n`;
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escaped(paragraph).replaceAll('\n', '<br>\n')}</p>`);
  const html = [
    '<!doctype html>',
    `<html lang="${escaped(reader.language)}" dir="${reader.direction}">`,
    `<head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    `<body>\n${paragraphs.join('\n')}\n</body>`,
    '</html>',
    '',
  ].join('\n');
  return { subject, text, html };
}
