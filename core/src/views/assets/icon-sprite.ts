import { readFileSync } from 'node:fs';
import { ICON_NAMES } from '../ui/icon-names.js';
import { packageFile } from './vendor-files.js';

interface IconSet {
  readonly icons: Readonly<Record<string, { readonly body: string }>>;
}

/** One SVG file with a symbol for each icon we use. What the set does not know is a dot, so nothing is ever missing. */
export function iconSprite(names: readonly string[] = ICON_NAMES): Buffer {
  const set = JSON.parse(readFileSync(packageFile('@iconify-json/tabler', 'icons.json'), 'utf8')) as IconSet;
  const symbols = names.map((name) => {
    const body = set.icons[name]?.body;
    if (body === undefined) throw new Error(`the icon set has no ${name}`);
    return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  const dot = '<symbol id="dot" viewBox="0 0 24 24"><circle cx="12" cy="12" r="3" fill="currentColor"/></symbol>';
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${dot}${symbols.join('')}</svg>`);
}
