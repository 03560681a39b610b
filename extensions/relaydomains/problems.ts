import { problems } from '@posthorn/sdk';

export const problem = problems('relaydomains', {
  E_RELAYDOMAINS_FORBIDDEN: {
    kind: 'refused',
    message: 'You may not do this: it needs the permission {{permission}}.',
  },
  E_RELAYDOMAINS_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no relay domain {{name}}.',
    hint: 'List the relay domains with `posthorn relaydomain list`.',
  },
  E_RELAYDOMAINS_TARGET: { kind: 'invalid', message: 'Say to which server the mail is handed on.' },
});
