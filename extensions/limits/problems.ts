import { problems } from '@posthorn/sdk';

/** The error catalogue. Kinds decide HTTP status and exit code. */
export const problem = problems('limits', {
  E_LIMITS_FORBIDDEN: {
    kind: 'refused',
    message: 'You may not give resources: it needs the permission {{permission}}.',
  },
  E_LIMITS_OWN: { kind: 'refused', message: 'You may not change your own limits.' },
  E_LIMITS_NOT_YOURS: {
    kind: 'refused',
    message: 'You may not give resources to {{name}}: the account belongs to somebody else.',
    hint: 'Ask a super administrator.',
  },
  E_LIMITS_ROLE: { kind: 'invalid', message: '{{name}} has no limits: its role is {{role}}.' },
  E_LIMITS_NAME: { kind: 'invalid', message: 'There is no limit {{name}} here.' },
  E_LIMITS_UNLIMITED: {
    kind: 'invalid',
    message: "{{label}}: you're not allowed to define unlimited values.",
    hint: '{{owner}} has a limit, from which this is taken.',
  },
  E_LIMITS_IN_USE: {
    kind: 'invalid',
    message: '{{label}}: {{used}} are in use, so {{max}} would take back more than is left.',
  },
  E_LIMITS_SHORTAGE: {
    kind: 'insufficient',
    message: 'Not enough resources',
    hint: '{{label}}: {{owner}} has {{free}} left.',
  },
  E_LIMITS_ACCOUNT_NOT_FOUND: { kind: 'not-found', message: 'There is no such account.' },
  E_LIMITS_PLAN_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no plan {{name}}.',
    hint: 'List the plans with `posthorn limits plan list`.',
  },
  E_LIMITS_PLAN_TAKEN: { kind: 'conflict', message: 'The plan {{name}} exists already.' },
  E_LIMITS_PLAN_NAME: { kind: 'invalid', message: 'A plan needs a name of 1 to 100 characters.' },
  E_LIMITS_PLAN_MEMBER: {
    kind: 'insufficient',
    message: 'The plan cannot be changed so: {{reason}} ({{name}})',
    hint: 'Give more to whom the account belongs, or another plan to the account.',
  },
});
