import { type Issue, messages, type UploadedFile } from '@posthorn/sdk';
import { HttpError } from './http-error.js';

const t = messages('host');

/** By field; several values where a name was sent more than once. */
export type Typed = Readonly<Record<string, string | readonly string[]>>;

/** What a form sent, before it is checked. */
export interface SentForm {
  readonly typed: Typed;
  /** By field; a field without a chosen file is left out. */
  readonly files: Readonly<Record<string, UploadedFile>>;
  /** What is wrong with the files. */
  readonly issues: readonly Issue[];
}

/** A form with more fields than this is none of ours. */
export const FIELDS_MAX = 5_000;

export function addTyped(typed: Record<string, string | string[]>, name: string, value: string): void {
  const before = typed[name];
  if (before === undefined) typed[name] = value;
  else if (typeof before === 'string') typed[name] = [before, value];
  else before.push(value);
}

export const malformedForm = (): HttpError => new HttpError(400, t('The server could not read this form.'));
