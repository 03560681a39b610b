/**
 * Upper bounds on the work one password may cost. A stored hash carries its own cost parameters, and
 * hashes come from imports and LDAP too: without bounds, one row could take gigabytes or minutes.
 * What `hashPassword` makes stays within the same bounds, so nothing is made that cannot be verified.
 */

/** Longest password accepted anywhere, in bytes of UTF-8. */
export const MAX_PASSWORD_BYTES = 1024;

/** Bytes of a password that bcrypt reads; the rest is ignored by every implementation. */
export const BCRYPT_PASSWORD_BYTES = 72;

/** Longest stored hash looked at, in UTF-16 units: far above a SHA512 in hex or a long PLAIN in base64. */
export const MAX_STORED_LENGTH = 4096;

/** Argon2 memory in KiB: above it the IMAP server's auth worker (256 MB vsz limit) answers "Password mismatch". */
export const MAX_ARGON2_MEMORY_KIB = 229_376;

/** Argon2 passes over the memory (`t`). */
export const MAX_ARGON2_TIME_COST = 10;

/** Argon2 lanes (`p`). */
export const MAX_ARGON2_PARALLELISM = 16;

/** SHA-crypt rounds; the format itself allows 1000 to 999,999,999 (Drepper, "Unix crypt using SHA-256 and SHA-512"). */
export const MIN_SHA_CRYPT_ROUNDS = 1000;

/** A million rounds take one to two seconds of the worker thread; passlib's highest default is 656,000. */
export const MAX_SHA_CRYPT_ROUNDS = 1_000_000;

/** bcrypt cost (log2 of the rounds), lowest the format allows. */
export const MIN_BCRYPT_COST = 4;

/** bcrypt cost (log2 of the rounds): 15 takes seconds in JavaScript. */
export const MAX_BCRYPT_COST = 15;

/** PBKDF2-HMAC-SHA1 rounds. */
export const MAX_PBKDF2_ROUNDS = 2_000_000;
