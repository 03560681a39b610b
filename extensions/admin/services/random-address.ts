import { randomBytes } from 'node:crypto';

/** An address that nobody guesses: 20 hexadecimal digits (80 bits) before the @, as the reference makes them. */
export const randomAddress = (domain: string): string => `${randomBytes(10).toString('hex')}@${domain}`;
