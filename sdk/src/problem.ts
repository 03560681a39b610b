/** Errors that a person can act on. Every door (page, API, CSV, command line) shows the same code, sentence and field. */
import { type Message, messageOf, messages, plainText, type Sentence, type TextArgs } from './text.js';

/**
 * What went wrong, in kind. The kind decides the HTTP status and the command line's exit code:
 * `usage` 400/2 · `not-found` 404/3 · `conflict` 409/4 · `refused` 403/5 · `invalid` 422/6 (API v1: 400) ·
 * `insufficient` 424/5 (what it would be taken from does not have as much) ·
 * `temporary` 503/75 (EX_TEMPFAIL) · `configuration` 500/78 (EX_CONFIG) · `failure` 500/1.
 * @public @since 1.0.0
 */
export type ProblemKind =
  | 'usage'
  | 'not-found'
  | 'conflict'
  | 'refused'
  | 'invalid'
  | 'insufficient'
  | 'temporary'
  | 'configuration'
  | 'failure';

/** The stable code of a problem: `E_`, the extension's id in capitals, the reason. @public @since 1.0.0 */
export type ProblemCode = `E_${string}`;
/** What stands in the sentences of a problem. @public @since 1.0.0 */
export type ProblemArgs = TextArgs;

/** One complaint about one input field. `path` is the field's name in the API's notation. @public @since 1.0.0 */
export interface Issue {
  readonly path: string;
  /** What is wrong with it. */
  readonly message: Message | string;
}

/** One entry of a catalogue of problems. @public @since 1.0.0 */
export interface ProblemSpec {
  /** Decides the status and the exit code. */
  readonly kind: ProblemKind;
  /** English sentence with `{{args}}`, or both forms of a counted one. */
  readonly message: Sentence;
  /** What the operator can do about it. */
  readonly hint?: Sentence;
}

/** What one occurrence of a problem adds to its catalogue entry. @public @since 1.0.0 */
export interface ProblemOptions {
  /** The input field that is to blame. */
  readonly field?: string;
  /** Complaints about several fields. */
  readonly issues?: readonly Issue[];
  /** The error behind it, for the log alone. */
  readonly cause?: unknown;
  /** Whether there is as much as there may be: see `Denial`. */
  readonly isFull?: boolean;
}

const STATUS: Readonly<Record<ProblemKind, number>> = {
  usage: 400,
  'not-found': 404,
  conflict: 409,
  refused: 403,
  invalid: 422,
  insufficient: 424,
  temporary: 503,
  configuration: 500,
  failure: 500,
};
const EXIT: Readonly<Record<ProblemKind, number>> = {
  usage: 2,
  'not-found': 3,
  conflict: 4,
  refused: 5,
  invalid: 6,
  insufficient: 5,
  temporary: 75,
  configuration: 78,
  failure: 1,
};

/** An error that a person can act on. Throw those of a catalogue made by `problems`. @public @since 1.0.0 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly kind: ProblemKind;
  /** The sentence, still translatable. */
  readonly text: Message;
  readonly hint: Message | undefined;
  readonly field: string | undefined;
  readonly issues: readonly Issue[];
  /** There is as much as there may be. */
  readonly isFull: boolean;

  constructor(code: ProblemCode, kind: ProblemKind, text: Message, hint?: Message, options: ProblemOptions = {}) {
    super(plainText(text), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = kind;
    this.text = text;
    this.hint = hint;
    this.field = options.field;
    this.isFull = options.isFull === true;
    this.issues = options.issues ?? (options.field === undefined ? [] : [{ path: options.field, message: text }]);
  }

  get status(): number {
    return STATUS[this.kind];
  }

  get exitCode(): number {
    return EXIT[this.kind];
  }
}

/** References may come from two npm copies of this package, so a problem is known by its shape. @public @since 1.0.0 */
export const isProblem = (error: unknown): error is Problem =>
  error instanceof Problem ||
  (error instanceof Error && error.name === 'Problem' && 'code' in error && 'kind' in error);

/** What `work` returns, or the problem that it throws; other errors are thrown on. @public @since 1.0.0 */
export async function orProblem<T>(work: () => T | Promise<T>): Promise<T | Problem> {
  try {
    return await work();
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
}

/**
 * The error catalogue of one package: `const problem = problems('admin', { E_ADMIN_NAME_TAKEN: { kind: 'conflict', message: '…' } })`,
 * then `throw problem('E_ADMIN_NAME_TAKEN', { name }, { field: 'name' })`.
 * @public @since 1.0.0
 */
export function problems<const Specs extends Readonly<Record<ProblemCode, ProblemSpec>>>(
  extension: string,
  specs: Specs,
): (code: keyof Specs & ProblemCode, args?: ProblemArgs, options?: ProblemOptions) => Problem {
  return (code, args = {}, options = {}) => {
    const spec: ProblemSpec = specs[code] as ProblemSpec;
    return new Problem(
      code,
      spec.kind,
      messageOf(extension, spec.message, args),
      spec.hint === undefined ? undefined : messageOf(extension, spec.hint, args),
      options,
    );
  };
}

const t = messages('host');

/** An `invalid` problem that carries every complaint at once. @public @since 1.0.0 */
export function invalid(issues: readonly Issue[]): Problem {
  const [first, ...others] = issues;
  const text =
    first === undefined
      ? t('The input is not valid.')
      : t('{{path}}: {{reason}}', { path: first.path, reason: first.message });
  const whole =
    others.length === 0
      ? text
      : t(
          { one: '{{first}} (and {{count}} more)', other: '{{first}} (and {{count}} more)' },
          { first: text, count: others.length },
        );
  return new Problem('E_INVALID', 'invalid', whole, undefined, { issues });
}
