/**
 * What the worker thread of `crypt-worker.ts` runs: crypt(3) in JavaScript, one request at a time.
 *
 * Tests start this file as it is, with Node's type stripping: no syntax that has to be compiled, and
 * the one relative import carries the extension this file itself was loaded with.
 */
import { parentPort } from 'node:worker_threads';
import md5Crypt from 'apache-md5';
import bcrypt from 'bcryptjs';
import desCrypt from 'unix-crypt-td-js';
import type { CryptReply, CryptRequest } from './crypt-worker.js';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const { shaCryptDigest } = (await import(`./sha-crypt${extension}`)) as typeof import('./sha-crypt.js');

parentPort?.on('message', ({ password, setting }: CryptRequest) => {
  let reply: CryptReply;
  try {
    reply = { hash: crypt(password, setting) };
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});

/** crypt(3): the whole hash string of a password; `setting` is a hash or the part of one before its digest. */
function crypt(password: string, setting: string): string {
  const fields = setting.split('$');
  const id = fields[1] ?? '';
  if (id === '5' || id === '6') {
    const rounds = /^rounds=(\d+)$/.exec(fields[2] ?? '');
    const salt = fields[rounds ? 3 : 2] ?? '';
    const algorithm = id === '6' ? 'sha512' : 'sha256';
    const digest = shaCryptDigest(password, { algorithm, rounds: rounds ? Number(rounds[1]) : 5000, salt });
    return ['', id, ...(rounds ? [rounds[0]] : []), salt, digest].join('$');
  }
  if (id.startsWith('2')) return bcrypt.hashSync(password, setting);
  const bytes = Buffer.from(password, 'utf8');
  // The package takes each UTF-16 unit for a byte, hence the password's bytes as latin1.
  if (id === '1') return md5Crypt(bytes.toString('latin1'), setting);
  if (id === '') return desCrypt([...bytes], setting);
  throw new Error(`no crypt(3) method ${id}`);
}
