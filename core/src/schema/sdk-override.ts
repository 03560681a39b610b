import { migration } from '@posthorn/sdk';

/** Extensions that are enabled although they were built for another contract, and who wanted that. */
export const sdkOverrideTable = migration({
  name: 'core/0040-sdk-override',
  after: ['core/0001-initial'],
  up: (ddl) =>
    ddl.createTable('core_sdk_override', {
      columns: {
        extension: { type: 'string(40)', primary: true },
        changed_by: { type: 'string(254)' },
        // Text, since it is only shown.
        changed_at: { type: 'string(19)' },
      },
    }),
  down: (ddl) => ddl.dropTable('core_sdk_override'),
});
