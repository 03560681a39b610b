import { type ArgonRequest, computeArgon } from './argon-compute.js';
import { equalInConstantTime } from './encodings.js';
import { HashProcess } from './hash-process.js';
import { MAX_ARGON2_MEMORY_KIB, MAX_ARGON2_PARALLELISM, MAX_ARGON2_TIME_COST } from './limits.js';
import { hashingPool } from './semaphore.js';

/** Cost of an Argon2 hash (RFC 9106 section 3.1). */
export interface ArgonCost {
  /** `m`, in KiB. */
  readonly memoryKiB: number;
  /** `t`, passes over the memory. */
  readonly timeCost: number;
  /** `p`, lanes. */
  readonly parallelism: number;
}

/** An Argon2 hash string taken apart. */
export interface ArgonHash extends ArgonCost {
  readonly variant: 'argon2i' | 'argon2id';
  /** 19 (1.3) or 16 (1.0, also when the string names none). */
  readonly version: 16 | 19;
  readonly salt: Buffer;
  readonly tag: Buffer;
  /** Whether the string is written as the IMAP server (libsodium) wants it: version 19 and m, t, p in this order. */
  readonly canonical: boolean;
}

const format =
  /^\$(argon2id?)(?:\$v=(16|19))?\$((?:[mtp]=[1-9]\d{0,8},){2}[mtp]=[1-9]\d{0,8})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether the cost is one we compute: within the bounds, and with the 8 KiB per lane that RFC 9106 section 3.1 asks for. */
export function isArgonCostAllowed({ memoryKiB, timeCost, parallelism }: ArgonCost): boolean {
  return (
    Number.isInteger(memoryKiB) &&
    Number.isInteger(timeCost) &&
    Number.isInteger(parallelism) &&
    parallelism >= 1 &&
    parallelism <= MAX_ARGON2_PARALLELISM &&
    timeCost >= 1 &&
    timeCost <= MAX_ARGON2_TIME_COST &&
    memoryKiB >= 8 * parallelism &&
    memoryKiB <= MAX_ARGON2_MEMORY_KIB
  );
}

/**
 * Reads `$argon2id$v=19$m=65536,t=3,p=1$SALT$TAG` (PHC string format, base64 without padding).
 * Accepts the three costs in any order, since the npm package `argon2` 0.45 writes m, p, t.
 *
 * @returns undefined when malformed, with a key id or associated data, with salt or tag outside
 *   8 to 64 and 16 to 64 bytes, or with a cost that is not allowed.
 */
export function parseArgon(text: string): ArgonHash | undefined {
  const match = format.exec(text);
  if (!match) return undefined;
  const [, variant, version, list = '', saltText = '', tagText = ''] = match;
  const costs = new Map(list.split(',').map((entry) => [entry.charAt(0), Number(entry.slice(2))]));
  const cost: ArgonCost = {
    memoryKiB: costs.get('m') ?? 0,
    timeCost: costs.get('t') ?? 0,
    parallelism: costs.get('p') ?? 0,
  };
  const salt = Buffer.from(saltText, 'base64');
  const tag = Buffer.from(tagText, 'base64');
  // Written back, the text must be the same: no stray bits or characters that decoding skips.
  if (unpadded(salt) !== saltText || unpadded(tag) !== tagText) return undefined;
  if (!isArgonCostAllowed(cost) || salt.length < 8 || salt.length > 64 || tag.length < 16 || tag.length > 64) {
    return undefined;
  }
  return {
    ...cost,
    variant: variant === 'argon2i' ? 'argon2i' : 'argon2id',
    version: version === '19' ? 19 : 16,
    salt,
    tag,
    canonical: version === '19' && [...costs.keys()].join('') === 'mtp',
  };
}

/**
 * The Argon2id string of a password, with a fresh tag of 32 bytes over `salt`.
 *
 * @param cost must satisfy `isArgonCostAllowed`.
 */
export async function makeArgon2id(password: string, cost: ArgonCost, salt: Buffer): Promise<string> {
  const tag = await compute(password, { ...cost, variant: 'argon2id', version: 19, salt }, 32);
  return writeArgon2id(cost, salt, tag);
}

/** Writes an Argon2id string in the parameter order libsodium, and with it the IMAP server, insists on. */
export function writeArgon2id(cost: ArgonCost, salt: Buffer, tag: Buffer): string {
  // The package's own encoder is not used: from 0.45 it writes m, p, t, which the IMAP server refuses as a mismatch.
  return `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.timeCost},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether the password gives the tag of the hash. Rejects only when the native code fails (out of memory). */
export async function matchesArgon(password: string, hash: ArgonHash): Promise<boolean> {
  return equalInConstantTime(await compute(password, hash, hash.tag.length), hash.tag);
}

let apart: HashProcess | undefined;

/** From now on Argon2 is computed in a process of its own, of low priority: for processes that answer requests. */
export function hashApart(): void {
  apart ??= new HashProcess(computeArgon);
}

function compute(password: string, hash: Omit<ArgonHash, 'tag' | 'canonical'>, length: number): Promise<Buffer> {
  const { variant, version, memoryKiB, timeCost, parallelism, salt } = hash;
  const request: ArgonRequest = { password, variant, version, memoryKiB, timeCost, parallelism, salt, length };
  return hashingPool.run(() => (apart === undefined ? computeArgon(request) : apart.compute(request)));
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
