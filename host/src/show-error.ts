import { describeFailure } from '@posthorn/core';
import { plainText } from '@posthorn/sdk';

export interface ShownError {
  /** For stderr, newline included. */
  readonly text: string;
  readonly exitCode: number;
}

/** How an error leaves the program. What nobody foresaw shows its stack only where somebody is looking for it. */
export function showError(error: unknown, o: { readonly json: boolean; readonly debug: boolean }): ShownError {
  const { text, exitCode } = describeFailure(error, { json: o.json, translate: plainText });
  const stack = o.debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  return { text: `${text}\n${stack}`, exitCode };
}
