import type { DatabaseTarget } from '@posthorn/sdk';
import { mailFileProblem } from '../maps/problems.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** The value, unless the file cannot hold it. The message names the setting and never repeats its value. */
export function checkedValue(name: string, value: string, isFine: (value: string) => boolean = () => true): string {
  if (CONTROL.test(value) || !value.isWellFormed() || !isFine(value))
    throw mailFileProblem('E_ADMIN_DATABASE_VALUE', { name });
  return value;
}

/** What libpq calls host and port; a socket may be given as its directory or as the file that the server makes in it. */
export function postgresqlAddress({ host, port, socket }: DatabaseTarget): {
  readonly host: string;
  readonly port: number;
} {
  const [, directory = socket, own] = /^(.*)\/\.s\.PGSQL\.(\d{1,5})$/.exec(socket) ?? [];
  return { host: socket === '' ? host : directory, port: own === undefined ? port || 5432 : Number(own) };
}
