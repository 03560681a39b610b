import { commandHands } from './command-hands.js';
import type { AdminHands, Door, Reach } from './hands.js';
import { pageHands } from './page-hands.js';
import { serviceHands } from './service-hands.js';

export const adminHands: Readonly<Record<Door, Reach<AdminHands>>> = {
  service: serviceHands,
  page: pageHands,
  command: commandHands,
};
