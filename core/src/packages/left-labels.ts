import { messages, type Text } from '@posthorn/sdk';
import type { Left } from './footprint.js';

const t = messages('host');

/** What people call the kinds of things that uninstalling takes away. */
export const LEFT_LABELS: Readonly<Record<Left['kind'], Text>> = {
  table: t('Table'),
  view: t('View'),
  column: t('Column of another table'),
  step: t('Schema step'),
  parameter: t('Parameters'),
  grant: t('Permissions of roles'),
  access: t('Access to its objects'),
  job: t('Jobs'),
  event: t('Events'),
  quarantine: t('Quarantine'),
  override: t('Exception from the contract'),
  wish: t('Entry in the list of extensions'),
  file: t('File for another program'),
};
