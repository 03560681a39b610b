import { problems } from '@posthorn/sdk';

/** What can go wrong with generated files. */
export const fileProblem = problems('host', {
  E_FILE_DIRECTORY: {
    kind: 'configuration',
    message: 'The directory {{directory}} cannot be used: {{reason}}.',
    hint: 'Name an existing directory that you may write to.',
  },
  E_FILE_NO_SPACE: {
    kind: 'failure',
    message: '{{file}} was not written: there is no space left. The files that were there are unchanged.',
    hint: 'Free some space and run the command again.',
  },
  E_FILE_READ_ONLY: {
    kind: 'configuration',
    message: '{{file}} was not written: it lies on a read-only file system. The files that were there are unchanged.',
  },
  E_FILE_DENIED: {
    kind: 'configuration',
    message: '{{file}} was not {{what}}: permission denied.',
    hint: 'Run the command as root, or as the owner of the directory.',
  },
  E_FILE_FAILED: { kind: 'failure', message: '{{file}} was not {{what}}: {{reason}}.' },
  E_FILE_NAME: {
    kind: 'failure',
    message: 'The extension {{from}} contributes a file called {{file}}, which is not a plain file name.',
  },
  E_FILE_TWICE: {
    kind: 'failure',
    message: 'The extensions {{first}} and {{second}} both contribute the file {{file}}.',
    hint: 'Disable one of them.',
  },
  E_FILE_RENDER: {
    kind: 'failure',
    message: 'Nothing was written: the extension {{from}} could not make {{file}}: {{reason}}.',
  },
  E_FILE_CONTENT: {
    kind: 'failure',
    message: 'Nothing was written: what the extension {{from}} made for {{file}} holds a control character.',
  },
  E_FILE_OPTION: {
    kind: 'failure',
    message: 'The file set {{set}} declares the option {{option}}, which the command has already.',
  },
  E_FILE_PATH: {
    kind: 'usage',
    message: 'The path of the directory holds a control character.',
  },
  E_LOOKUP_VALUE: {
    kind: 'configuration',
    message: 'Nothing was written: the database setting “{{name}}” holds a control character or broken Unicode.',
    hint: 'Give the database a name, a user and a password without such characters.',
  },
  E_LOOKUP_SPACE: {
    kind: 'configuration',
    message:
      'Nothing was written: the database setting “{{name}}” begins or ends with a space, which lookup tables cannot hold.',
    hint: 'Choose a value without spaces at its ends.',
  },
  E_LOOKUP_HOST: {
    kind: 'configuration',
    message: 'Nothing was written: the database setting “{{name}}” holds characters that lookup tables cannot hold.',
    hint: 'Use a plain host name, an IP address or a socket path without spaces, commas and colons.',
  },
  E_LOOKUP_QUERY: {
    kind: 'failure',
    message:
      'Nothing was written: the query of {{file}} (extension {{from}}) is not a single line with known placeholders.',
  },
});
