import type { Logo, Logos } from '../branding/logo-store.js';

const PATH = '/logo/';

/** Where the logos of the frame are; undefined where our own is shown. */
export const logoAddresses = (logos: Logos): { readonly light: string; readonly dark: string } | undefined => {
  const light = logos.light ?? logos.dark;
  if (light === undefined) return undefined;
  return { light: PATH + light.file, dark: PATH + (logos.dark ?? light).file };
};

/**
 * What a logo is sent with. Opened by itself, an SVG is a document: it may load and run nothing, and it is no page of
 * ours even where it would find a way.
 */
export const logoHeaders = (logo: Logo): Readonly<Record<string, string>> => ({
  'Content-Type': logo.type,
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'Cache-Control': 'public, max-age=31536000, immutable',
  ETag: `"${logo.file}"`,
});
