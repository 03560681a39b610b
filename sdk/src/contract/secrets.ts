import { service } from '../service.js';

/**
 * Keeps text secret where it is stored, with the keys of the instance. `secret rotate` leaves older keys in the file, so
 * that text which was sealed before still opens.
 * @public @since 1.0.0
 */
export interface Secrets {
  /** `purpose` begins with the extension's id; what is sealed for one purpose does not open for another. */
  seal(text: string, purpose: string): string;
  /** Throws where the key is gone, or the text was changed or sealed for another purpose. */
  open(sealed: string, purpose: string): string;
}
/** Seals and opens what an extension stores. Provided by the kernel. @public @since 1.0.0 */
export const secrets = service<Secrets>('host.secrets@1');
