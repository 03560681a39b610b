import { isProblem, Problem, type ProblemKind } from '@posthorn/sdk';

interface Blame {
  readonly kind: ProblemKind;
  readonly field: string;
}

/**
 * Where the API says something in another way than other doors do: names that are taken, and roles that may not be given,
 * are wrong values of a field.
 */
const ELSEWHERE: Readonly<Record<string, Blame>> = {
  E_ADMIN_DOMAIN_TAKEN: { kind: 'invalid', field: 'name' },
  E_ADMIN_DOMAIN_IS_ALIAS: { kind: 'invalid', field: 'name' },
  E_ADMIN_DOMAIN_ALIAS_TAKEN: { kind: 'invalid', field: 'name' },
  E_ADMIN_ACCOUNT_TAKEN: { kind: 'invalid', field: 'username' },
  E_ACCOUNT_TAKEN: { kind: 'invalid', field: 'username' },
  E_ADMIN_MAILBOX_USERNAME: { kind: 'invalid', field: 'username' },
  E_ADMIN_ROLE_FORBIDDEN: { kind: 'invalid', field: 'role' },
  E_FORBIDDEN_ROLE: { kind: 'invalid', field: 'role' },
  E_ADMIN_SENDER_TAKEN: { kind: 'invalid', field: 'address' },
};
/** A mailbox in a domain that is not there: the same code is a field's fault where a list of domains names it. */
const MISSING = { code: 'E_ADMIN_DOMAIN_UNKNOWN', field: 'domain' };

/** Does it, and says what went wrong in the API's way. `counted`: the field to blame where there may be no more. */
export async function blaming<T>(work: () => Promise<T>, counted?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isProblem(error) ? (retold(error, counted) ?? error) : error;
  }
}

function retold(error: Problem, counted: string | undefined): Problem | undefined {
  if (counted !== undefined && error.isFull) return blamed(error, 'invalid', error.field ?? counted);
  const isMissing = error.code === MISSING.code && error.field === MISSING.field;
  const blame: Blame | undefined = isMissing ? { kind: 'not-found', field: MISSING.field } : ELSEWHERE[error.code];
  return blame && blamed(error, blame.kind, blame.field);
}

const blamed = (error: Problem, kind: ProblemKind, field: string): Problem =>
  new Problem(error.code, kind, error.text, error.hint, { field, cause: error });
