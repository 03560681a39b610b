import { messages, type PageAnswer, view } from '@posthorn/sdk';
import { madeWith } from '../tabs/made-passwords.js';
import type { Crumb } from './editor.js';

const t = messages('admin');

/**
 * The page that shows a password that was made up; undefined where there is none. It is the answer to the form itself:
 * what waits for the next page waits in the database. `crumbs` end with what was made.
 */
export function madePassword(made: object, crumbs: readonly Crumb[]): PageAnswer | undefined {
  const credentials = madeWith(made);
  if (credentials === undefined) return undefined;
  const title = t('The password of {{username}}', { username: credentials.username });
  return view('password', title, { credentials, crumbs, next: crumbs.at(-1)?.href });
}
