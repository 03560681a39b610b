/** `posthorn limits …`: thin doors to the services. */
import type { Contribution } from '@posthorn/sdk';
import { limitCommands } from './limits.js';
import { planCommands } from './plans.js';

export const limitsCommands: readonly Contribution[] = [...limitCommands, ...planCommands];
