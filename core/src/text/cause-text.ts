import { isProblem, type Text } from '@posthorn/sdk';

/** What went wrong, to stand in another sentence: a problem in words that are translated, anything else as it says. */
export const causeText = (error: unknown): Text =>
  isProblem(error) ? error.text : error instanceof Error ? error.message : String(error);
