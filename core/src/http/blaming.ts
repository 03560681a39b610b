import { isProblem } from '@posthorn/sdk';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { callInFrame, ExtensionError, extensionToBlame, type Frame } from '../watch/attribution.js';
import { HttpError } from './http-error.js';

/** A failure is the extension's, by name; what was written for the reader goes to him as it is. */
export async function blaming<T>(frame: Frame, work: () => Promise<T>): Promise<T> {
  try {
    return await callInFrame(frame, work, isOwnFailure);
  } catch (error) {
    throw isOwnFailure(error) ? new ExtensionError(frame.extension, frame.at, error) : error;
  }
}

/** Made to be shown as it is, and nobody's failure. */
const isForReader = (error: unknown): boolean =>
  isProblem(error) ? error.status !== 500 : error instanceof HttpError || error instanceof TooManyAttempts;

/** The failure of the extension's own code, not of somebody it asked. */
const isOwnFailure = (error: unknown): boolean => !isForReader(error) && extensionToBlame(error) === undefined;
