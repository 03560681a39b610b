/** One thing that is wrong with what was sent. */
export interface Mistake {
  /** The field, `a.b` for one inside of another. */
  readonly path: string;
  readonly message: string;
}

interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly hint?: string;
  readonly errors?: readonly Mistake[];
}

/** A call that was refused or failed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Stays the same where sentences change. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly mistakes: readonly Mistake[];

  constructor(
    readonly status: number,
    /** The id of the request in the log of the server. */
    readonly requestId: string | undefined,
    problem: Problem,
  ) {
    super(problem.detail ?? `The server answered ${status}.`);
    this.code = problem.code ?? `E_HTTP_${status}`;
    this.hint = problem.hint;
    this.mistakes = problem.errors ?? [];
  }

  static async of(answer: Response): Promise<ApiError> {
    const text = await answer.text();
    return new ApiError(answer.status, answer.headers.get('x-request-id') ?? undefined, problemIn(text));
  }
}

/** A proxy in between answers with something else. */
function problemIn(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
