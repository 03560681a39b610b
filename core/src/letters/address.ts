/** Bytes of an address in an SMTP command (RFC 5321, 4.5.3.1.3, with the erratum 1690). */
const MAX_BYTES = 254;

/**
 * One plain address, without a name, comment or quotes (RFC 5321 `Dot-string`, letters of any script as in RFC 6531).
 * Nothing that could end a header or an SMTP command gets through.
 */
export const isAddress = (text: string): boolean =>
  Buffer.byteLength(text) <= MAX_BYTES && /^[^\s\p{C}@<>()[\]\\,;:"]{1,64}@[^\s\p{C}@<>()[\]\\,;:"]+$/u.test(text);
