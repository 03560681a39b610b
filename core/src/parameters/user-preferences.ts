import { field, messages, parameters } from '@posthorn/sdk';
import { isTimeZone } from './time-zones.js';

const t = messages('host');

/** How one reader wants his pages. His language stands with the account: other programs may ask for it there. */
export const userPreferences = parameters(
  'core',
  'user',
  {
    /** Empty: the installation's. */
    time_zone: field.string({ label: t('Time zone'), max: 64 }).default(''),
    theme: field.choice({ label: t('Theme'), choices: ['auto', 'light', 'dark'] }).default('auto'),
    density: field.choice({ label: t('Density'), choices: ['comfortable', 'compact'] }).default('comfortable'),
  },
  {
    title: t('Preferences'),
    check: ({ time_zone: zone }) =>
      zone === '' || isTimeZone(zone)
        ? []
        : [{ path: 'time_zone', message: t('is not a time zone that this server knows') }],
  },
);
