import { messages } from '@posthorn/sdk';

const t = messages('host');

export const REQUIRED = t('is required');
export const REPEATED = t('was sent more than once');
export const UNKNOWN = t('is not a known field');

/** The catalogue of an extension's own sentences. */
export const catalogOf = (extension: string) => messages(extension === 'core' ? 'host' : extension);
