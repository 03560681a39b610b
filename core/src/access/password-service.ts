import { type Accounts, invalid, type Message, messages } from '@posthorn/sdk';
import { problem } from '../errors.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import type { ParameterStore } from '../parameters/parameter-store.js';
import { type HashOptions, hashPassword } from './passwords/hash.js';
import { checkPasswordPolicy, type PasswordRefusal, randomPassword } from './passwords/policy.js';
import { randomText } from './passwords/random-text.js';
import type { MakeableScheme } from './passwords/schemes.js';

const SCHEMES: Readonly<Record<string, MakeableScheme>> = {
  argon2id: 'ARGON2ID',
  sha512crypt: 'SHA512-CRYPT',
  sha256crypt: 'SHA256-CRYPT',
  blfcrypt: 'BLF-CRYPT',
};

const t = messages('host');
const REASONS: Readonly<Record<PasswordRefusal, Message>> = {
  'control-character': t('it must not contain control characters'),
  'too-long': t('it is too long'),
  'too-short': t('it is too short'),
  'no-digit': t('it needs more digits'),
  'no-lowercase': t('it needs more lower-case letters'),
  'no-uppercase': t('it needs more upper-case letters'),
  'no-special': t('it needs more special characters'),
  'same-as-username': t('it must not be the username'),
};

/** Passwords by the parameters of this instance. */
export class PasswordService implements Pick<Accounts, 'hash'> {
  constructor(private readonly parameters: ParameterStore) {}

  async options(): Promise<HashOptions> {
    const p = await this.parameters.read(kernelParameters);
    return { scheme: SCHEMES[p.password_scheme] ?? 'ARGON2ID', rounds: p.rounds_number };
  }

  async isRehashWanted(): Promise<boolean> {
    return (await this.parameters.read(kernelParameters)).update_scheme;
  }

  /** Checks the policy, then hashes. Throws one `invalid` problem with every reason. */
  async hash(password: string, context: { readonly username?: string } = {}): Promise<string> {
    const p = await this.parameters.read(kernelParameters);
    const options = await this.options();
    const reasons = checkPasswordPolicy(
      password,
      {
        minLength: p.password_min_length,
        digits: p.password_digits,
        lowercase: p.password_lowercase,
        uppercase: p.password_uppercase,
        special: p.password_special,
      },
      { ...context, scheme: options.scheme },
    );
    if (password === '') throw problem('E_PASSWORD_REQUIRED', {}, { field: 'password' });
    if (reasons.length > 0) {
      if (reasons.length === 1)
        throw problem('E_PASSWORD_POLICY', { reasons: REASONS[reasons[0] as PasswordRefusal] }, { field: 'password' });
      throw invalid(reasons.map((reason) => ({ path: 'password', message: REASONS[reason] })));
    }
    return hashPassword(password, options);
  }

  /** Letters and digits, which can be typed anywhere, and as many special characters as the policy wants. */
  async random(): Promise<string> {
    const p = await this.parameters.read(kernelParameters);
    const length = Math.max(p.random_password_length, p.password_min_length);
    // One of each class but the last is in it; whoever wants more gets more, at the end.
    return [
      randomPassword(length),
      randomText(Math.max(0, p.password_digits - 1), '0123456789'),
      randomText(Math.max(0, p.password_lowercase - 1), 'abcdefghijklmnopqrstuvwxyz'),
      randomText(Math.max(0, p.password_uppercase - 1), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
      '-'.repeat(p.password_special),
    ].join('');
  }
}
