import { field, messages, parameters } from '@posthorn/sdk';
import { isTimeZone } from './time-zones.js';

const t = messages('host');

/** More than these are forgotten, the oldest first. */
export const DISMISSED_MAX = 100;
/** As many filters as one reader keeps. */
export const FILTERS_MAX = 50;

/** How one reader wants his pages. His language stands with the account: other programs may ask for it there. */
export const userPreferences = parameters(
  'core',
  'user',
  {
    /** Empty: the installation's. */
    time_zone: field.string({ label: t('Time zone'), max: 64 }).default(''),
    theme: field.choice({ label: t('Theme'), choices: ['auto', 'light', 'dark'] }).default('auto'),
    /** Path of the page to begin with after signing in; empty: the usual one. */
    landing: field.string({ label: t('First page'), max: 500 }).default(''),
    /** Notices that were put away, the latest last. */
    dismissed: field
      .list(field.string({ label: t('Notice') }), { label: t('Dismissed'), max: DISMISSED_MAX })
      .default([]),
    /** Filters of lists that were kept: the address, a space, the name. */
    filters: field
      .list(field.string({ label: t('Filter'), max: 2_100 }), { label: t('Saved filters'), max: FILTERS_MAX })
      .default([]),
    density: field.choice({ label: t('Density'), choices: ['comfortable', 'compact'] }).default('comfortable'),
    /** Of which jobs that this account started it gets a letter when they end. */
    job_letters: field
      .choice({ label: t('Letters about my jobs'), choices: ['none', 'failed', 'ended'] })
      .default('none'),
  },
  {
    title: t('Preferences'),
    check: ({ time_zone: zone }) =>
      zone === '' || isTimeZone(zone)
        ? []
        : [{ path: 'time_zone', message: t('is not a time zone that this server knows') }],
  },
);
