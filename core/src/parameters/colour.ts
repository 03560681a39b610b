/** `#rrggbb` in lower or upper case. */
export const COLOUR = /^#[0-9a-f]{6}$/i;

/** WCAG 2.2, 1.4.3: text of ordinary size. */
export const ENOUGH = 4.5;

/** Red, green and blue, 0 to 255. */
export const channels = (colour: string): readonly [number, number, number] => {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
};

/** WCAG 2.2, relative luminance: 0 for black, 1 for white. */
function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((channel) => {
    const part = channel / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, contrast ratio of white text on the colour: 1 for white, 21 for black. */
export const contrastWithWhite = (colour: string): number => 1.05 / (luminance(colour) + 0.05);

/** To one place, cut and not rounded, so that what is too little never looks like enough. */
export const shownContrast = (colour: string): number => Math.floor(contrastWithWhite(colour) * 10) / 10;

/** Whether white text can be read on the colour. */
export const carriesWhite = (colour: string): boolean => COLOUR.test(colour) && contrastWithWhite(colour) >= ENOUGH;
