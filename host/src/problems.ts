import { problems } from '@posthorn/sdk';

/** The program's own errors: what lies around an instance, not in it. */
export const problem = problems('host', {
  E_HOST_NO_INSTANCE: {
    kind: 'configuration',
    message: 'There is no instance at {{place}}.',
    hint: 'Make one with `posthorn init DIR`, or name one with --instance DIR or POSTHORN_INSTANCE.',
  },
  E_HOST_CONFIGURATION: { kind: 'configuration', message: 'The configuration is not valid: {{reasons}}' },
  E_HOST_NOT_MIGRATED: {
    kind: 'configuration',
    message: {
      one: 'The database lacks 1 schema step of what is installed.',
      other: 'The database lacks {{count}} schema steps of what is installed.',
    },
    hint: 'Run `posthorn migrate up`.',
  },
  E_HOST_LACKING: {
    kind: 'configuration',
    message: '{{id}} is wanted, but cannot be had here: {{reason}}',
    hint: 'Install its package into this instance, or disable it.',
  },
  E_HOST_USAGE: { kind: 'usage', message: '{{reason}}', hint: 'See `posthorn {{noun}} --help`.' },
  E_HOST_LISTEN: { kind: 'configuration', message: 'Cannot listen on {{address}}: {{reason}}.' },
  E_HOST_LISTEN_IN_USE: {
    kind: 'failure',
    message: 'Cannot listen on {{address}}: another program does already.',
    hint: 'Stop it, or choose another address with --listen HOST:PORT.',
  },
  E_HOST_INSTANCE_EXISTS: {
    kind: 'conflict',
    message: '{{directory}} is an instance already; nothing was changed.',
    hint: 'Start it with `posthorn serve`, or choose another folder.',
  },
  E_HOST_DIRECTORY_FOREIGN: {
    kind: 'conflict',
    message: '{{directory}} is not empty and not an instance; nothing was changed.',
    hint: 'Choose an empty or a new folder.',
  },
  E_HOST_DIRECTORY_WRITE: { kind: 'configuration', message: '{{path}} cannot be written: {{reason}}.' },
  E_HOST_EXTENSION_UNKNOWN: {
    kind: 'not-found',
    message: 'No extension {{id}} is installed beside the program.',
    hint: 'Installed: {{known}}.',
  },
  E_HOST_SECRET_FILE: { kind: 'configuration', message: '{{path}} cannot be read: {{reason}}.' },
});
