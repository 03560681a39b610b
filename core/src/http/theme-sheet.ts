import { carriesWhite, channels } from '../parameters/colour.js';
import { DEFAULT_COLOUR } from '../parameters/kernel-parameters.js';

/** The colour stands in the address, so what an address gives never changes. Undefined where the own style sheet has it. */
export const themeSheetUrl = (colour: string): string | undefined =>
  colour.toLowerCase() === DEFAULT_COLOUR ? undefined : `/theme/${colour.slice(1).toLowerCase()}.css`;

const ADDRESS = /^([0-9a-f]{6})\.css$/;

/** The style sheet of an installation's colour; undefined for what is none, or cannot carry white text. */
export function themeSheet(file: string): string | undefined {
  const digits = ADDRESS.exec(file)?.[1];
  const colour = `#${digits}`;
  if (digits === undefined || !carriesWhite(colour)) return undefined;
  const values = `--tblr-primary: ${colour}; --tblr-primary-rgb: ${channels(colour).join(', ')};`;
  return `:root, [data-bs-theme="light"], [data-bs-theme="dark"] { ${values} }\n`;
}
