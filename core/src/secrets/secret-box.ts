import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './key-ring.js';

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
/** Bytes; NIST SP 800-38D, 5.2.1.1 and 8.2.2. */
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Keeps text secret where it is stored: AES-256-GCM with a key of the instance. Sealed text is
 * `v1.<key id>.<base64url of IV, ciphertext and tag>`. `purpose` is authenticated with it, so that what was sealed in one
 * place does not open in another.
 */
export class SecretBox {
  constructor(private readonly keys: KeyRing) {}

  seal(text: string, purpose: string): string {
    const { id, secret } = this.keys.current();
    const iv = randomBytes(IV_LENGTH);
    const cipher = createCipheriv(CIPHER, secret, iv, { authTagLength: TAG_LENGTH });
    cipher.setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${id}.${sealed.toString('base64url')}`;
  }

  /** Throws where the key is not there any more, or the text was changed or sealed for another purpose. */
  open(sealed: string, purpose: string): string {
    const [version, id = '', data = '', ...more] = sealed.split('.');
    if (version !== VERSION || more.length > 0) throw new Error('this is not sealed text');
    const key = this.keys.find(id);
    if (key === undefined) throw new Error(`the key ${id} is not in the key file`);
    const bytes = Buffer.from(data, 'base64url');
    const decipher = createDecipheriv(CIPHER, key.secret, bytes.subarray(0, IV_LENGTH), { authTagLength: TAG_LENGTH });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
    const text = decipher.update(bytes.subarray(IV_LENGTH, -TAG_LENGTH));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  }
}
