import type { ExtensionContext } from '../context.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: Text;
  /** How to mend it: a command or a sentence. */
  readonly mend?: Text;
}

export interface Repair {
  /** Say what would be done, and change nothing. */
  readonly dryRun: boolean;
  progress(done: number, total: number | undefined): void;
}

/** One thing that was mended, or would be. */
export interface Repaired {
  /** What it is about, such as an address. */
  readonly subject: string;
  readonly text: Text;
}

/** Something `posthorn check` looks at. */
export interface Check {
  readonly id: string;
  readonly title: Text;
  /** Changes nothing. */
  run(context: ExtensionContext): Promise<readonly Finding[]>;
  /**
   * Mends what `run` finds, where that can be done safely and again: `posthorn repair`. What it writes together belongs into
   * one `data.write`. Reports each thing; nothing where all is well.
   */
  fix?(context: ExtensionContext, repair: Repair): Promise<readonly Repaired[]>;
}

export const checks = slot<Check>('host.checks@1');
export const check = (c: Check): Contribution => contribute(checks, c);
