import { createHash, timingSafeEqual } from 'node:crypto';

const hexText = /^(?:[0-9a-f]{2})+$/i;
const base64Text = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes of a hexadecimal string of either case; undefined when it is empty or not hexadecimal. */
export function decodeHex(text: string): Buffer | undefined {
  return hexText.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** Bytes of a padded base64 string (RFC 4648 section 4); undefined when empty or malformed. */
export function decodeBase64(text: string): Buffer | undefined {
  // Buffer.from skips what is not base64, so that garbage would decode to a shorter value.
  return base64Text.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** Whether two byte strings are equal, in a time that depends on neither's content. Strings are taken as UTF-8. */
export function equalInConstantTime(left: Uint8Array | string, right: Uint8Array | string): boolean {
  // timingSafeEqual wants equal lengths: digests have them, and give away nothing about the length.
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());
}
