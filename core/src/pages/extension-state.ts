import { messages, type Text } from '@posthorn/sdk';

const t = messages('host');

export const EXTENSIONS = '/core/extensions/';

/** The page of one extension. */
export const extensionPath = (id: string): string => `${EXTENSIONS}${encodeURIComponent(id)}/`;

const LEVELS: Readonly<Record<string, { readonly level: string; readonly label: Text }>> = {
  enabled: { level: 'success', label: t('Enabled') },
  disabled: { level: 'neutral', label: t('Disabled') },
  available: { level: 'neutral', label: t('Not enabled') },
  incompatible: { level: 'warning', label: t('Incompatible') },
  missing: { level: 'danger', label: t('Package missing') },
  starting: { level: 'info', label: t('Starting') },
  'waiting-for-retry': { level: 'warning', label: t('Waiting for another try') },
  'version-differs': { level: 'warning', label: t('Versions differ') },
  failed: { level: 'danger', label: t('Failed') },
  'migration-failed': { level: 'danger', label: t('Schema step failed') },
  quarantined: { level: 'danger', label: t('Quarantined') },
};

/** A state in one word. */
export const stateStatus = (state: string): { readonly level: string; readonly label: Text } =>
  LEVELS[state] ?? { level: 'neutral', label: state };
