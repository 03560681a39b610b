import { type ArgonCost, isArgonCostAllowed } from './argon.js';
import {
  MAX_ARGON2_MEMORY_KIB,
  MAX_ARGON2_PARALLELISM,
  MAX_ARGON2_TIME_COST,
  MAX_BCRYPT_COST,
  MAX_SHA_CRYPT_ROUNDS,
  MIN_BCRYPT_COST,
  MIN_SHA_CRYPT_ROUNDS,
} from './limits.js';
import { type MakeableScheme, makeableSchemes } from './schemes.js';

/** How a new hash is made. Settings of other schemes than the chosen one are ignored. */
export interface HashOptions {
  readonly scheme: MakeableScheme;
  /** SHA512-CRYPT and SHA256-CRYPT: 1000 to 1,000,000; default 70,000. */
  readonly rounds?: number;
  /** BLF-CRYPT: log2 of the rounds, 4 to 15; default 12. */
  readonly cost?: number;
  /** ARGON2ID: memory in KiB, 8 per lane to 229,376; default 65,536. */
  readonly memoryKiB?: number;
  /** ARGON2ID: passes, 1 to 10; default 3. */
  readonly timeCost?: number;
  /** ARGON2ID: lanes, 1 to 16; default 1. */
  readonly parallelism?: number;
}

/** `HashOptions` with the defaults filled in and everything checked. */
export type HashPlan =
  | ({ readonly scheme: 'ARGON2ID' } & ArgonCost)
  | { readonly scheme: 'SHA512-CRYPT' | 'SHA256-CRYPT'; readonly rounds: number }
  | { readonly scheme: 'BLF-CRYPT'; readonly cost: number };

/** What hashes are made with when nothing else is configured. */
export const defaultHashOptions: HashOptions = { scheme: 'ARGON2ID' };

/** @throws RangeError when the scheme cannot be made or one of its settings is out of bounds. */
export function planHash(options: HashOptions): HashPlan {
  switch (options.scheme) {
    case 'ARGON2ID': {
      const { memoryKiB = 65_536, timeCost = 3, parallelism = 1 } = options;
      if (!isArgonCostAllowed({ memoryKiB, timeCost, parallelism })) {
        throw new RangeError(
          `ARGON2ID takes 8 KiB per lane to ${MAX_ARGON2_MEMORY_KIB} KiB of memory, 1 to ${MAX_ARGON2_TIME_COST} passes and 1 to ${MAX_ARGON2_PARALLELISM} lanes`,
        );
      }
      return { scheme: 'ARGON2ID', memoryKiB, timeCost, parallelism };
    }
    case 'SHA512-CRYPT':
    case 'SHA256-CRYPT': {
      const { scheme, rounds = 70_000 } = options;
      requireInteger(`${scheme} rounds`, rounds, MIN_SHA_CRYPT_ROUNDS, MAX_SHA_CRYPT_ROUNDS);
      return { scheme, rounds };
    }
    case 'BLF-CRYPT': {
      const { cost = 12 } = options;
      requireInteger('BLF-CRYPT cost', cost, MIN_BCRYPT_COST, MAX_BCRYPT_COST);
      return { scheme: 'BLF-CRYPT', cost };
    }
    default:
      throw new RangeError(`passwords are hashed with ${makeableSchemes.join(', ')}, not ${String(options.scheme)}`);
  }
}

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be between ${least} and ${most}, not ${value}`);
  }
}
