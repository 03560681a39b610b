import { join } from 'node:path';
import { run } from './processes.js';
import { programPath } from './programs.js';

/** Paths of a fresh self-signed certificate and its key (PEM), made in `dir` for `hostname` and 127.0.0.1. */
export async function makeCertificate(
  dir: string,
  hostname: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = join(dir, 'cert.pem');
  const key = join(dir, 'key.pem');
  await run(programPath('openssl'), [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${hostname}`,
    '-addext',
    `subjectAltName=DNS:${hostname},IP:127.0.0.1`,
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  return { cert, key };
}
