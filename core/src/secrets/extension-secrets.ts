import type { Secrets } from '@posthorn/sdk';
import type { SecretBox } from './secret-box.js';

/** What extensions seal, apart from everything that the kernel seals for itself. */
export const secretsOfExtensions = (box: SecretBox): Secrets => ({
  seal: (text, purpose) => box.seal(text, `extension:${purpose}`),
  open: (sealed, purpose) => box.open(sealed, `extension:${purpose}`),
});
