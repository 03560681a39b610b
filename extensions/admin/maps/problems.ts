import { problems } from '@posthorn/sdk';

export const mailFileProblem = problems('admin', {
  E_ADMIN_DATABASE_VALUE: {
    kind: 'configuration',
    message:
      'Nothing was written: the database setting “{{name}}” holds characters that the configuration of Dovecot cannot hold.',
    hint: 'Give the database a setting without control characters; for MariaDB and SQLite also without spaces.',
  },
  E_ADMIN_FILE_DIRECTORY: {
    kind: 'usage',
    message: 'The path {{directory}} cannot stand in the settings of Postfix and Dovecot.',
    hint: 'Use a directory whose path consists of letters, digits and . _ + @ = - only.',
  },
});
