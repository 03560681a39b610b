/** A number that stands nowhere unless somebody has reckoned it: 7919 times 6101. */
export const PRODUCT = '48313819';

/** What people, programs and attackers put into fields. */
export const STRINGS: Readonly<Record<string, string>> = {
  script: '<script>alert(1)</script>',
  breakout: `"'><img src=x onerror=alert(1)><svg/onload=alert(1)>`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must stand there as it is
  template: '{{7919*6101}} <%= 7919*6101 %> <%~ 7919*6101 %> ${7919*6101} #{7919*6101} $t(Delete)',
  sql: `' or 1=1; drop table core_user; --`,
  path: '../../../../etc/passwd',
  address: 'javascript:alert(1)//',
  right: 'מרים בת־שלום ٣ العربية',
  tower: `Z${'\u0300\u0301\u0302\u0303'.repeat(50)}`,
  word: 'Donaudampfschifffahrtsgesellschaftskapitaen'.repeat(2),
  emoji: '👩‍👩‍👧‍👦🏳️‍🌈',
  long: 'y'.repeat(10_240),
  number: '99999999999999999999',
  large: '2147483648',
  float: '1e309',
  negative: '-1',
  prototype: '__proto__',
  constructor: 'constructor',
};

/** Characters that nobody can see, which no line of text may hold. */
export const CONTROLS: Readonly<Record<string, string>> = {
  nul: 'a\u0000b',
  bell: 'a\u0007b',
  escape: 'a\u001b[31mb',
  delete: 'a\u007fb',
  next: 'a\u0085b',
  override: 'a\u202egpj.exe',
  isolate: 'a\u2066b\u2069',
  mark: 'a\u200fb',
  zero: 'a\u200bb',
};

/** Bytes of a query or a body that are no text. */
export const MALFORMED = ['%ED%A0%80', '%ff', '%C0%80', '%', '%zz', '%u0041'] as const;

/** What of a hostile text must never stand in a page as it is. */
export function escapedWrongly(html: string): string | undefined {
  return ['<script>alert', '<img src=x', '<svg/onload', '<%', PRODUCT, 'href="javascript:'].find((bad) =>
    html.includes(bad),
  );
}
