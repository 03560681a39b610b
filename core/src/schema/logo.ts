import { migration } from '@posthorn/sdk';

/** The installation's own logos: one row for light pages, one for dark ones. */
export const logoTable = migration({
  name: 'core/0004-logo',
  after: ['core/0003-job-reports'],
  up: (ddl) =>
    ddl.createTable('core_logo', {
      columns: {
        variant: { type: 'string(10)', primary: true },
        file: { type: 'string(40)' },
        // Base64: no column type for bytes is the same in every database.
        content: { type: 'text' },
        created_at: { type: 'timestamp', default: 'now' },
      },
    }),
  down: (ddl) => ddl.dropTable('core_logo'),
});
