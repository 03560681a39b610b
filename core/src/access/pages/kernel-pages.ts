import type { Contribution } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import type { RoleRanks } from '../role-ranks.js';
import { devicePages } from './device-pages.js';
import { loginPages } from './login-pages.js';
import { preferencesPages } from './preferences-pages.js';
import { profilePages } from './profile-pages.js';
import { tokenPages } from './token-pages.js';

/** Pages that are there without any extension. */
export const kernelPages = (kernel: () => Kernel, ranks: () => RoleRanks): readonly Contribution[] => [
  ...loginPages(kernel),
  ...profilePages(kernel),
  ...preferencesPages(kernel),
  ...devicePages(kernel),
  ...tokenPages(kernel, ranks),
];
