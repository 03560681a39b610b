import { migration } from '@posthorn/sdk';

/** Letters in the words of an administrator, one row for each language. */
export const letterTable = migration({
  name: 'core/0080-letters',
  after: ['core/0001-initial'],
  up: (ddl) =>
    ddl.createTable('core_letter_text', {
      columns: {
        id: { type: 'id' },
        // `extension.id` of the template.
        template: { type: 'string(140)' },
        language: { type: 'string(10)' },
        subject: { type: 'string(200)' },
        body: { type: 'text' },
      },
      unique: [['template', 'language']],
    }),
  down: (ddl) => ddl.dropTable('core_letter_text'),
});
