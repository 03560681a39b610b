import { type Message, messages, Problem, problems } from '@posthorn/sdk';

const t = messages('transport');

export const problem = problems('transport', {
  E_TRANSPORT_FORBIDDEN: { kind: 'refused', message: 'You may not do this: it needs the permission {{permission}}.' },
  E_TRANSPORT_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no transport {{name}}.',
    hint: 'List the transports with `posthorn transport list`.',
  },
  E_TRANSPORT_TAKEN: { kind: 'conflict', message: 'There is a transport for {{pattern}} already.' },
  E_TRANSPORT_OUT_OF_REACH: { kind: 'invalid', message: 'You have no access to the domain {{name}}.' },
  E_TRANSPORT_EVERYTHING: {
    kind: 'invalid',
    message: 'A transport for everything would take the mail of your own mailboxes as well.',
    hint: 'Set relayhost or default_transport in main.cf instead.',
  },
  E_TRANSPORT_SERVICE: {
    kind: 'invalid',
    message: '"{{service}}" is not the name of a service in master.cf: small letters, digits, - and _ only.',
  },
  E_TRANSPORT_KIND: { kind: 'invalid', message: 'The service {{service}} does not serve {{pattern}}.' },
  E_TRANSPORT_NEXT_HOP: {
    kind: 'invalid',
    message: 'The next hop must be at most 100 printable ASCII characters, without spaces at its ends.',
  },
  E_TRANSPORT_NEXT_HOP_SETTINGS: {
    kind: 'invalid',
    message: 'The next hop of the service {{service}} follows from its settings.',
  },
  E_TRANSPORT_PASSWORD: {
    kind: 'invalid',
    message: 'The password must be one line of text without spaces at its ends.',
  },
  E_TRANSPORT_SETTING: {
    kind: 'usage',
    message: '"{{setting}}" is not a setting: write name=value.',
  },
});

export const hostProblem = (host: string, reason: Message, field: string): Problem =>
  new Problem('E_TRANSPORT_HOST', 'invalid', t('"{{host}}" is not a host: {{reason}}.', { host, reason }), undefined, {
    field,
  });

export const patternProblem = (pattern: string, reason: Message): Problem =>
  new Problem(
    'E_TRANSPORT_PATTERN',
    'invalid',
    t('"{{pattern}}" is not a pattern: {{reason}}.', { pattern, reason }),
    undefined,
    { field: 'pattern' },
  );
