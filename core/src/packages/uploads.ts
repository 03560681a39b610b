import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalid, messages } from '@posthorn/sdk';

const t = messages('host');

/** Bytes that an uploaded package may have. */
export const UPLOAD_MAX = 20 * 1_048_576;
const NAME = /^[0-9a-f]{64}\.tgz$/;
/** How gzip begins (RFC 1952 section 2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b]);

/**
 * Where an uploaded tarball waits for the job that installs it. It is named after its content: what its sender called it
 * becomes no path. Throws for a name that none of them has.
 */
export function uploadPath(directory: string, name: string): string {
  if (!NAME.test(name)) throw new Error('this is no uploaded package');
  return join(directory, 'data', 'uploads', name);
}

/** Keeps what was sent and returns the name it waits under. Throws an `invalid` problem for what is no tarball. */
export async function keepUpload(directory: string, content: Uint8Array): Promise<string> {
  if (!GZIP.equals(content.subarray(0, GZIP.length))) {
    throw invalid([{ path: 'tarball', message: t('is no tarball, as `npm pack` makes it') }]);
  }
  const name = `${createHash('sha256').update(content).digest('hex')}.tgz`;
  const path = uploadPath(directory, name);
  await mkdir(join(directory, 'data', 'uploads'), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { mode: 0o600 });
  return name;
}

export const forgetUpload = (directory: string, name: string): Promise<void> =>
  rm(uploadPath(directory, name), { force: true });
