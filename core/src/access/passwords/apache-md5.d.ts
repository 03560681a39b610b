/** The package's own types describe an ES module; it is CommonJS and exports the function itself. */
declare module 'apache-md5' {
  /** MD5-crypt (`$1$`) or Apache's variant of it, by the start of `setting`; one byte per UTF-16 unit of `password`. */
  export default function md5Crypt(password: string, setting: string): string;
}
