import { field, messages, parameters } from '@posthorn/sdk';

const t = messages('acme-notes');

/** Shown under Settings, kept in the database, read with `context.parameters(settings)`. */
export const settings = parameters(
  'acme-notes',
  'global',
  {
    keep_days: field
      .integer({
        label: t('Keep notes for'),
        help: t('Older notes are removed every night. 0 keeps them for good.'),
        unit: 'd',
        min: 0,
        max: 3650,
      })
      .default(0),
  },
  { title: t('Acme notes') },
);
