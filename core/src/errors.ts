import { problems } from '@posthorn/sdk';

/** The kernel's error catalogue. */
export const problem = problems('host', {
  E_REFUSED: { kind: 'refused', message: '{{reason}}', hint: 'The extension {{extension}} refused this.' },
  E_EXTENSION_FAILED: {
    kind: 'refused',
    message: 'A part of the system that has to agree failed, so nothing was changed.',
    hint: 'The extension {{extension}} failed; the log says more.',
  },
  E_FORBIDDEN: { kind: 'refused', message: 'You may not do this: it needs the permission {{permission}}.' },
  E_FORBIDDEN_ROLE: { kind: 'refused', message: 'You may not give the role {{role}}.' },
  E_FORBIDDEN_ACCOUNT: { kind: 'refused', message: 'You may not change the account {{username}}.' },
  E_ACCOUNT_SELF: { kind: 'refused', message: 'You cannot {{verb}} your own account.' },
  E_ACCOUNT_LAST: { kind: 'refused', message: 'This is the last active super administrator; make another one first.' },
  E_ACCOUNT_NOT_FOUND: { kind: 'not-found', message: 'There is no account {{username}}.' },
  E_ACCOUNT_TAKEN: { kind: 'conflict', message: 'The username {{username}} is taken.' },
  E_USERNAME: { kind: 'invalid', message: 'The username {{reason}}.' },
  E_ROLE_UNKNOWN: { kind: 'invalid', message: 'There is no role {{role}}.', hint: 'Known roles: {{known}}.' },
  E_SIGN_INS_BUSY: {
    kind: 'temporary',
    message: 'Many people are signing in just now.',
    hint: 'Try again in a few seconds.',
  },
  E_PASSWORD_REQUIRED: { kind: 'invalid', message: 'A password is required.' },
  E_PASSWORD_SCHEME: { kind: 'invalid', message: 'The password hash has no scheme this system can verify.' },
  E_PASSWORD_POLICY: { kind: 'invalid', message: 'The password is not accepted: {{reasons}}.' },
  E_EXTENSIONS: { kind: 'configuration', message: 'The extensions cannot be assembled: {{reasons}}' },
  E_EXTENSION_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no extension {{id}} in this instance.',
    hint: 'Run `posthorn extension list`.',
  },
  E_EXTENSION_INSTALLED: {
    kind: 'refused',
    message: 'The catalogues of {{id}} came with its package and would be overwritten by the next one.',
    hint: 'Work on its sources, linked into the instance.',
  },
  E_LANGUAGE: {
    kind: 'invalid',
    message: '{{language}} is no language tag.',
    hint: 'A tag looks like fr or pt-BR.',
  },
  E_CATALOGUE: { kind: 'configuration', message: 'The catalogue {{path}} cannot be used: {{reason}}.' },
  E_EXTENSION_DEPENDENTS: {
    kind: 'refused',
    message: '{{id}} is needed by {{dependents}}.',
    hint: 'Disable them too with --with-dependents.',
  },
  E_EXTENSION_UNUSABLE: { kind: 'conflict', message: '{{id}} cannot be enabled: {{reason}}' },
  E_LOCK_HELD: {
    kind: 'temporary',
    message: 'Another process is doing this just now ({{name}}).',
    hint: 'Try again in a few seconds.',
  },
  E_LOCK_LOST: {
    kind: 'temporary',
    message: 'This process was held up, and another one has taken over ({{name}}). Nothing was changed.',
    hint: 'Look at what the other one did, and try again.',
  },
  E_SERVICE_MISSING: { kind: 'failure', message: '{{extension}} asks for the service {{id}}, which nobody provides.' },
  E_PARAMETER_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no parameter {{name}}.',
    hint: 'Run `posthorn parameter list`.',
  },
  E_FOREIGN_DATABASE: {
    kind: 'configuration',
    message: 'The database already holds tables that are not ours ({{tables}}).',
    hint: 'Give Posthorn an empty database of its own.',
  },
  E_SCHEMA_PENDING: {
    kind: 'configuration',
    message: {
      one: 'The database lacks one schema step: {{first}}.',
      other: 'The database lacks {{count}} schema steps, {{first}} first.',
    },
    hint: 'Run `posthorn migrate up`.',
  },
  E_SCHEMA_NEWER: {
    kind: 'configuration',
    message: 'The database was written by a newer version: it knows the migration {{name}}.',
    hint: 'Install that version again, or restore the backup made before the upgrade.',
  },
  E_CONFIRM: { kind: 'usage', message: 'This cannot be undone.', hint: 'Add --yes to do it without being asked.' },
  E_CANCELLED: { kind: 'usage', message: 'Cancelled; nothing was changed.' },
  E_USAGE: { kind: 'usage', message: '{{reason}}' },
  E_FILE_READ: { kind: 'configuration', message: '{{path}} cannot be read: {{reason}}' },
  E_JOB_NOT_FOUND: { kind: 'not-found', message: 'There is no job {{id}}.' },
  E_JOB_NOT_FAILED: { kind: 'conflict', message: 'The job {{id}} has not failed, so it is not run again.' },
  E_JOB_ENDED: { kind: 'conflict', message: 'The job {{id}} had ended already.' },
  E_JOB_OFF: {
    kind: 'refused',
    message: 'No enabled extension has the job {{job}}.',
    hint: 'Enable the extension {{extension}} first.',
  },
  E_EVENT_NOT_FOUND: {
    kind: 'not-found',
    message: 'No event {{id}} was set aside.',
    hint: 'Run `posthorn outbox list --failed`.',
  },
  E_JOB_UNKNOWN: { kind: 'failure', message: 'No enabled extension has a job {{id}}.' },
});
