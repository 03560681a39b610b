/** The package has no types of its own. */
declare module 'unix-crypt-td-js' {
  /** Traditional DES crypt(3): `password` as bytes, `salt` of two characters or a whole hash. */
  export default function unixCryptTD(password: string | readonly number[], salt: string): string;
}
