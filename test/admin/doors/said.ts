/** What a door answers, in one form for all of them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProblem, plainText } from '@posthorn/sdk';
import { expect } from 'vitest';
import type { ApiCaller } from '../../api/caller.js';
import type { TestPage } from '../../kit/src/host/page.js';
import type { TestHost } from '../../kit/src/test-host.js';

export interface Said {
  /** `accepted`, or the problem's; undefined where the door says it in words alone. */
  readonly code: string | undefined;
  readonly reason: string;
  /** Where a form marks what was wrong. */
  readonly fields: readonly string[];
}

export const ACCEPTED: Said = { code: 'accepted', reason: '', fields: [] };

export const expectDone = async (work: Promise<Said>): Promise<void> => expect(await work).toEqual(ACCEPTED);

/** Refused in these words, and with this code where the door has codes. */
export async function expectRefused(work: Promise<Said>, code: string, reason: string, field?: string): Promise<void> {
  const said = await work;
  expect({ ...said, code: said.code ?? code }).toMatchObject({ code, reason: expect.stringContaining(reason) });
  if (field !== undefined) expect(said.fields).toContain(field);
}

export const byService = (work: Promise<unknown>): Promise<Said> =>
  work.then(
    () => ACCEPTED,
    (error: unknown) => {
      if (!isProblem(error)) throw error;
      const { code, field, issues, text } = error;
      const fields = field === undefined ? issues.map(({ path }) => path) : [field];
      return { code, reason: plainText(issues[0]?.message ?? text), fields };
    },
  );

/** The page that came after a form was sent. */
export function byPage(page: TestPage): Said {
  if (page.status < 400) return ACCEPTED;
  const words = [...page.issues, ...page.notices];
  const fields = page.forms.flatMap((form) => form.fields.filter(({ error }) => error !== ''));
  return {
    code: undefined,
    reason: words.length === 0 ? page.text : words.join(' '),
    fields: fields.map(({ name }) => name.replace(/^.*\./, '')),
  };
}

interface Printed {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}

export async function byCommand(host: TestHost, argv: readonly string[]): Promise<Said> {
  const at = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const { code, stderr } = await host.command([...argv.slice(0, at), '--json', ...argv.slice(at)]);
  if (code === 0) return ACCEPTED;
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { readonly error: Printed };
  const { issues = [], field } = error;
  return {
    code: error.code,
    reason: issues[0]?.message ?? error.message,
    fields: field === undefined ? issues.map(({ path }) => path) : [field],
  };
}

/** Imports rows of cells from a file in the instance's folder. */
export async function byFile(
  host: TestHost,
  rows: readonly (readonly string[])[],
  options: readonly string[] = [],
): Promise<Said> {
  const file = join(host.config.directory, 'rows.csv');
  await writeFile(
    file,
    rows.map((row) => `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';')}\n`).join(''),
  );
  const { code, stdout, stderr } = await host.command(['import', file, '--json', ...options]);
  if (code === 0) return ACCEPTED;
  const line = stdout.trim().split('\n')[0] ?? '';
  const said = JSON.parse(line === '' ? (stderr.trim().split('\n')[0] ?? '') : line) as
    | { readonly error: Printed }
    | { readonly code: string; readonly reason: string };
  return 'error' in said ? { code: said.error.code, reason: said.error.message, fields: [] } : { ...said, fields: [] };
}

/** A call of the API, whose errors are asked for as problem details (RFC 9457). */
export async function byApi(caller: ApiCaller, method: string, path: string, body: unknown): Promise<Said> {
  const { status, json } = await caller.ask(method, path, {
    body,
    headers: { accept: 'application/problem+json, application/json' },
  });
  if (status < 400) return ACCEPTED;
  const {
    code,
    detail,
    errors = [],
  } = json as {
    readonly code: string;
    readonly detail: string;
    readonly errors?: readonly { readonly path: string; readonly message: string }[];
  };
  return { code, reason: errors[0]?.message ?? detail, fields: errors.map(({ path: at }) => at) };
}
