import { type Message, messages } from '@posthorn/sdk';
import { svgComplaint } from './svg-complaint.js';

const t = messages('host');

/** Bytes of one logo: it is sent with every first visit. */
export const LOGO_MAX = 65_536;
/** Pixels of a side. More says nothing at the size it is shown, and unfolds to megabytes in a browser. */
export const LOGO_SIDE_MAX = 1_024;

export type LogoExtension = 'png' | 'webp' | 'svg';

export const LOGO_TYPES: Readonly<Record<LogoExtension, string>> = {
  png: 'image/png',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

export type LogoVerdict = { readonly extension: LogoExtension } | { readonly complaint: Message };

/** What kind of picture the bytes are, whatever they are called; or why they cannot be a logo. */
export function judgeLogo(bytes: Buffer): LogoVerdict {
  if (bytes.length > LOGO_MAX) return { complaint: t('is larger than {{size}} kB', { size: LOGO_MAX / 1024 }) };
  const raster = pngSides(bytes) ?? webpSides(bytes);
  if (raster === undefined) {
    const complaint = svgComplaint(bytes);
    return complaint === undefined ? { extension: 'svg' } : { complaint };
  }
  const { extension, width, height } = raster;
  if (width < 1 || height < 1 || width > LOGO_SIDE_MAX || height > LOGO_SIDE_MAX) {
    const args = { width, height, most: LOGO_SIDE_MAX };
    return { complaint: t('measures {{width}} × {{height}} pixels; at most {{most}} on each side are possible', args) };
  }
  return { extension };
}

interface Raster {
  readonly extension: LogoExtension;
  readonly width: number;
  readonly height: number;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** PNG (W3C, third edition) 5.2 and 11.2.1: the signature, and a header of 13 bytes as the first chunk. */
function pngSides(bytes: Buffer): Raster | undefined {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(PNG)) return undefined;
  if (bytes.readUInt32BE(8) !== 13 || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { extension: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** WebP (RFC 9649) 2.5 to 2.7: a RIFF container whose first chunk is VP8, VP8L or VP8X. */
function webpSides(bytes: Buffer): Raster | undefined {
  if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  if (bytes.toString('latin1', 8, 12) !== 'WEBP' || bytes.readUInt32LE(4) + 8 !== bytes.length) return undefined;
  const extension = 'webp';
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { extension, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      if (bytes[20] !== 0x2f) return undefined;
      const sides = bytes.readUInt32LE(21);
      return { extension, width: (sides & 0x3fff) + 1, height: ((sides >> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      // RFC 6386, 9.1: the start code, then twice 14 bits of size and 2 of scale.
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) return undefined;
      return { extension, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}
