import { type Contribution, messages, role } from '@posthorn/sdk';
import { DOMAIN_ADMINS, RESELLERS, SIMPLE_USERS } from '../contract/names.js';

const t = messages('admin');

/** Between the kernel's super administrators and nobody. Who ranks higher may manage who ranks lower. */
export const roleContributions: readonly Contribution[] = [
  role({ name: RESELLERS, label: t('Reseller'), rank: 80 }),
  role({ name: DOMAIN_ADMINS, label: t('Domain administrator'), rank: 60 }),
  role({ name: SIMPLE_USERS, label: t('Simple user'), rank: 20 }),
];
