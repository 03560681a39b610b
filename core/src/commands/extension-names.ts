import { field, messages } from '@posthorn/sdk';
import type { ExtensionPackage } from '../assembly/discover.js';

const t = messages('host');

export const EXTENSION_ID = field.string({ label: t('Extension'), max: 40 });

/** What an extension names of others, in a line each. */
export const namesOf = ({ requires, claims }: Pick<ExtensionPackage, 'requires' | 'claims'>) => ({
  requires: Object.entries(requires)
    .map(([peer, range]) => `${peer} ${range}`)
    .join(', '),
  claims: Object.values(claims).flat().join(', '),
});
