/** The error catalogue. Kinds decide HTTP status and exit code; hints say what the reader can do. */
import { type Message, messages, Problem, type ProblemOptions, problems } from '@posthorn/sdk';

const t = messages('admin');

export const problem = problems('admin', {
  E_ADMIN_FORBIDDEN: {
    kind: 'refused',
    message: 'You may not do this: it needs the permission {{permission}}.',
  },
  E_ADMIN_CONFINED: { kind: 'refused', message: 'The scopes of this token do not go as far.' },
  E_ADMIN_ROLE_FORBIDDEN: { kind: 'refused', message: 'You may not give the role {{role}}.' },
  E_ADMIN_RANK: {
    kind: 'refused',
    message: 'The domain {{name}} holds the mailbox of an account that you may not manage.',
    hint: 'Ask a super administrator.',
  },
  E_ADMIN_OWN_DOMAIN: {
    kind: 'refused',
    message: 'Your own mailbox lies in the domain {{name}}.',
    hint: 'Another administrator can delete the domain.',
  },
  E_ADMIN_BULK_ACCOUNT: {
    kind: 'refused',
    message: 'Stopped after {{count}} rows: the account {{username}}, which started this, is gone or disabled.',
  },
  E_ADMIN_EXPLAIN_TOKEN: { kind: 'invalid', message: 'This account has no token {{id}}.' },
  E_ADMIN_BULK_TOTAL: {
    kind: 'conflict',
    message: '{{meant}} rows were meant to match, and {{now}} do. Nothing was done.',
  },
  E_ADMIN_BULK_RIGHTS: {
    kind: 'refused',
    message: 'Stopped after {{count}} rows: {{username}}, who started this, may no longer do it.',
  },
  E_ADMIN_OWN_DELETE: { kind: 'refused', message: 'You cannot delete your own account.' },
  E_ADMIN_OWN_DISABLE: { kind: 'refused', message: 'You cannot disable your own account.' },
  E_ADMIN_REACHES_FURTHER: {
    kind: 'refused',
    message: '{{username}} administers domains to which you have no access: ask somebody who has.',
  },
  E_ADMIN_OUT_OF_REACH: {
    kind: 'invalid',
    message: 'You have no access to the domain {{name}}.',
  },
  E_ADMIN_MAILBOX_OUT_OF_REACH: {
    kind: 'invalid',
    message: 'You have no access to the mailbox {{address}}.',
  },

  E_ADMIN_FORWARD_MAILBOX: { kind: 'not-found', message: '{{username}} has no mailbox whose mail could be forwarded.' },
  E_ADMIN_EXPLAIN_ACTION: { kind: 'invalid', message: 'There is no action {{action}}.' },
  E_ADMIN_EXPLAIN_OBJECT: { kind: 'invalid', message: 'Say what the action is done to.' },
  E_ADMIN_EXPLAIN_ROLE: { kind: 'invalid', message: 'There is no role {{role}}.' },

  E_ADMIN_USERNAME: { kind: 'invalid', message: 'The username must not be empty.' },

  E_ADMIN_DOMAIN_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no domain {{name}}.',
    hint: 'List the domains with `posthorn domain list`.',
  },
  E_ADMIN_DOMAIN_TAKEN: { kind: 'conflict', message: 'The domain {{name}} exists already.' },
  E_ADMIN_DOMAIN_IS_ALIAS: { kind: 'conflict', message: '{{name}} is already a domain alias of {{target}}.' },
  E_ADMIN_DOMAIN_UNKNOWN: {
    kind: 'invalid',
    message: 'The domain {{name}} is not hosted here.',
    hint: 'Create it first: `posthorn domain create {{name}}`.',
  },
  E_ADMIN_DEFAULT_QUOTA: {
    kind: 'invalid',
    message: 'The default mailbox quota ({{default}} MB) is greater than the domain quota ({{quota}} MB).',
  },
  E_ADMIN_QUOTA_ALLOCATED: {
    kind: 'invalid',
    message: 'The mailboxes of {{name}} have {{allocated}} MB in all, more than the domain quota of {{quota}} MB.',
    hint: 'Give the domain more, or its mailboxes less.',
  },
  E_ADMIN_QUOTA_REQUIRED: {
    kind: 'invalid',
    message: 'The mailbox needs a quota, because the domain {{name}} has one.',
  },
  E_ADMIN_QUOTA_EXCEEDED: {
    kind: 'invalid',
    message: 'The domain quota is exceeded: {{name}} has {{free}} MB of {{quota}} MB left.',
  },

  E_ADMIN_DOMAIN_ALIAS_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no domain alias {{name}}.',
    hint: 'List them with `posthorn domainalias list`.',
  },
  E_ADMIN_DOMAIN_ALIAS_TAKEN: { kind: 'conflict', message: 'The domain alias {{name}} exists already.' },
  E_ADMIN_DOMAIN_ALIAS_SELF: { kind: 'invalid', message: 'A domain cannot be an alias of itself.' },

  E_ADMIN_ACCOUNT_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no account {{name}}.',
    hint: 'List the accounts with `posthorn account list`.',
  },
  E_ADMIN_ACCOUNT_TAKEN: { kind: 'conflict', message: 'The account {{username}} exists already.' },
  E_ADMIN_MAILBOX_TAKEN: { kind: 'conflict', message: 'The mailbox {{address}} exists already.' },
  E_ADMIN_MAILBOX_USERNAME: {
    kind: 'invalid',
    message: 'A simple user signs in with the address of the mailbox: {{username}} and {{address}} differ.',
  },
  E_ADMIN_MAILBOX_ADDRESS: {
    kind: 'invalid',
    message: 'The mailbox needs an address.',
    hint: 'The username is not an address, so give one.',
  },
  E_ADMIN_MAILBOX_MISSING: { kind: 'invalid', message: 'The account {{username}} has no mailbox.' },
  E_ADMIN_MASTER_USER: { kind: 'invalid', message: 'Only super administrators can be master users.' },
  E_ADMIN_PASSWORD_TWICE: { kind: 'invalid', message: 'Give a password or a hash, not both.' },
  E_ADMIN_PASSWORD_WRONG: { kind: 'invalid', message: 'This is not the present password.' },
  E_ADMIN_NOT_AN_ADMIN: {
    kind: 'invalid',
    message: 'The account {{username}} cannot administer domains: its role is {{role}}.',
  },
  E_ADMIN_DIRECTORY: { kind: 'failure', message: '{{path}}: {{reason}}.' },
  E_ADMIN_DIRECTORIES: {
    kind: 'failure',
    message: {
      one: 'One directory of a mailbox could not be moved or removed; the log says why.',
      other: '{{count}} directories of mailboxes could not be moved or removed; the log says why.',
    },
  },
  E_ADMIN_DIRECTORIES_OWNER: {
    kind: 'configuration',
    message: 'Directories of mailboxes belong to {{owner}}, but this runs as {{username}}.',
    hint: 'Serve the queue with `posthorn worker --queue mailboxes`, started as {{owner}}.',
  },
  E_ADMIN_BUSY: {
    kind: 'temporary',
    message: 'The directory of {{address}} is still waiting to be moved.',
    hint: 'Try again when the mailbox operations have run.',
  },

  E_ADMIN_ALIAS_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no alias {{name}}.',
    hint: 'List the aliases with `posthorn alias list`.',
  },
  E_ADMIN_ALIAS_TAKEN: { kind: 'conflict', message: 'The alias {{address}} exists already.' },
  E_ADMIN_NO_QUOTA: { kind: 'refused', message: '{{name}} has no mailbox, and so no quota.' },
  E_ADMIN_ALIAS_INTERNAL: {
    kind: 'refused',
    message: 'The alias {{address}} is kept by Posthorn itself and cannot be changed.',
  },
  E_ADMIN_ALIAS_LOOP: {
    kind: 'conflict',
    message: 'Mail would go in circles: {{path}}.',
  },
  E_ADMIN_RECIPIENTS: { kind: 'invalid', message: 'An alias needs at least one recipient.' },
  E_ADMIN_RECIPIENT_NOT_FOUND: {
    kind: 'not-found',
    message: 'The recipient {{address}} does not exist.',
    hint: 'Recipients in our own domains must be a mailbox or an alias.',
  },

  E_ADMIN_RECIPIENT_ALONE: {
    kind: 'invalid',
    message: 'A catch-all that sends to the whole domain {{address}} can have no other recipient.',
  },

  E_ADMIN_TRASH_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is nothing in the trash under {{name}}.',
    hint: 'List what is there with `posthorn trash list`.',
  },
  E_ADMIN_TRASH_PARENT: {
    kind: 'conflict',
    message: '{{name}} cannot be brought back: what it belonged to is gone.',
    hint: 'Bring that back first, or make it anew.',
  },
  E_ADMIN_TRASH_RENAMED: {
    kind: 'conflict',
    message: '{{name}} cannot be brought back: its domain is called {{domain}} now.',
    hint: 'Give the domain its old name first, or make the address anew.',
  },
  E_ADMIN_TRASH_RECIPIENTS: {
    kind: 'conflict',
    message: '{{name}} cannot be brought back: none of its recipients is there any more.',
  },
  E_ADMIN_TRASH_CONFLICT: {
    kind: 'conflict',
    message: '{{name}} cannot be brought back: something that was made since has taken its place.',
  },

  E_ADMIN_NOT_FOUND: { kind: 'not-found', message: 'There is nothing under {{name}}.' },
  E_ADMIN_SENDER_NOT_FOUND: { kind: 'not-found', message: 'There is no sender address {{name}}.' },
  E_ADMIN_SENDER_TAKEN: { kind: 'conflict', message: 'The mailbox already has the sender address {{address}}.' },
});

/** One code for everything that can be wrong with a name. */
export const nameProblem = (name: string, reason: Message, o: ProblemOptions): Problem =>
  new Problem(
    'E_ADMIN_DOMAIN_NAME',
    'invalid',
    t('"{{name}}" is not a domain name: {{reason}}.', { name, reason }),
    undefined,
    o,
  );

export const addressProblem = (address: string, reason: Message, o: ProblemOptions): Problem =>
  new Problem(
    'E_ADMIN_ADDRESS',
    'invalid',
    t('"{{address}}" is not a mail address: {{reason}}.', { address, reason }),
    undefined,
    o,
  );
