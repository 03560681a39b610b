import { isProblem } from '@posthorn/sdk';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { ExtensionError, extensionToBlame, type Frame } from '../watch/attribution.js';
import { HttpError } from './http-error.js';

/** A failure is the extension's, by name; what was written for the reader goes to him as it is. */
export async function blaming<T>({ extension, at }: Frame, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isForReader(error) || extensionToBlame(error) !== undefined) throw error;
    throw new ExtensionError(extension, at, error);
  }
}

/** Made to be shown as it is, and nobody's failure. */
const isForReader = (error: unknown): boolean =>
  isProblem(error) ? error.status !== 500 : error instanceof HttpError || error instanceof TooManyAttempts;
