import { isProblem, type Problem, type ProblemKind } from '@posthorn/sdk';
import type { Translate } from '../text/catalogs.js';

/** Exit code of an interrupted command (128 + SIGINT). */
export const INTERRUPTED = 130;

export interface Failure {
  readonly exitCode: number;
  /** For stderr, one or more lines. */
  readonly text: string;
}

/** Puts any error into words, the same for every command. Details of unknown errors stay in the log. */
export function describeFailure(error: unknown, o: { readonly json: boolean; readonly translate: Translate }): Failure {
  if (!isProblem(error)) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      exitCode: 1,
      text: o.json
        ? JSON.stringify({ error: { code: 'E_UNEXPECTED', kind: 'failure' satisfies ProblemKind, message } })
        : `Something unexpected went wrong: ${message}\nSet POSTHORN_LOG_LEVEL=debug to see where.`,
    };
  }
  return { exitCode: error.exitCode, text: o.json ? asJson(error, o.translate) : asLines(error, o.translate) };
}

function asJson(p: Problem, translate: Translate): string {
  return JSON.stringify({
    error: {
      code: p.code,
      kind: p.kind,
      message: translate(p.text),
      ...(p.field === undefined ? {} : { field: p.field }),
      ...(p.hint === undefined ? {} : { hint: translate(p.hint) }),
      ...(p.issues.length === 0
        ? {}
        : { issues: p.issues.map((i) => ({ path: i.path, message: translate(i.message) })) }),
    },
  });
}

function asLines(p: Problem, translate: Translate): string {
  const lines =
    p.issues.length > 1 ? p.issues.map((i) => `${i.path}: ${translate(i.message)}`) : [withField(p, translate)];
  if (p.hint !== undefined) lines.push(translate(p.hint));
  return lines.join('\n');
}

function withField(p: Problem, translate: Translate): string {
  const sentence = translate(p.text);
  const path = p.field ?? p.issues[0]?.path;
  return path === undefined || sentence.startsWith(`${path}:`) ? sentence : `${path}: ${sentence}`;
}
