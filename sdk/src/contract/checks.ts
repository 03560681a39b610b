import type { ExtensionContext } from '../context.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: Text;
  /** How to mend it: a command or a sentence. */
  readonly mend?: Text;
}

/** Something `posthorn check` looks at on this machine. It changes nothing. */
export interface Check {
  readonly id: string;
  readonly title: Text;
  run(context: ExtensionContext): Promise<readonly Finding[]>;
}

export const checks = slot<Check>('host.checks@1');
export const check = (c: Check): Contribution => contribute(checks, c);
