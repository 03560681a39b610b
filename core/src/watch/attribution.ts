import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose code is running: read by the log, the statement counter and every error. */
export interface Frame {
  readonly extension: string;
  /** The hook, command, job or route. */
  readonly at: string;
  readonly request?: string;
}

export const running = new AsyncLocalStorage<Frame>();

/** An error with the extension that caused it. */
export class ExtensionError extends Error {
  override readonly name = 'ExtensionError';
  constructor(
    readonly extension: string,
    readonly at: string,
    cause: unknown,
  ) {
    super(`${extension}: ${at}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The extension whose failure this is: thrown by its own code, or the cause of a problem that stands for it. */
export const extensionToBlame = (error: unknown): ExtensionError | undefined =>
  error instanceof ExtensionError
    ? error
    : error instanceof Error && error.cause instanceof ExtensionError
      ? error.cause
      : undefined;

/** Where contained failures go. It must never throw. */
export type Report = (error: ExtensionError) => void;
