import { plainText, type Text } from '@posthorn/sdk';

/** A refusal that belongs to HTTP itself (405, 413, 415): the status says it all, the sentence may be shown. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    /** The sentence, still translatable. */
    readonly text: Text,
    readonly headers: Readonly<Record<string, string>> = {},
    /** For programs; `E_HTTP_` and the status otherwise. */
    readonly code = `E_HTTP_${status}`,
  ) {
    super(plainText(text));
  }
}
