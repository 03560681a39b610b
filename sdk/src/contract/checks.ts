import type { ExtensionContext } from '../context.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** What a check has found about one thing. @public @since 1.0.0 */
export interface Finding {
  /** `error` and `warning` may fail `posthorn check`. */
  readonly level: 'ok' | 'warning' | 'error';
  /** What was found. */
  readonly message: Text;
  /** How to mend it: a command or a sentence. */
  readonly mend?: Text;
}

/** How `Check.fix` is to go about it. @public @since 1.0.0 */
export interface Repair {
  /** Say what would be done, and change nothing. */
  readonly dryRun: boolean;
  /** How far it is; `total` is undefined where nobody knows. */
  progress(done: number, total: number | undefined): void;
}

/** One thing that was mended, or would be. @public @since 1.0.0 */
export interface Repaired {
  /** What it is about, such as an address. */
  readonly subject: string;
  /** What was done. */
  readonly text: Text;
}

/** Something `posthorn check` looks at. @public @since 1.0.0 */
export interface Check {
  /** Unique within the extension. */
  readonly id: string;
  /** What is looked at. */
  readonly title: Text;
  /** Changes nothing. */
  run(context: ExtensionContext): Promise<readonly Finding[]>;
  /**
   * Mends what `run` finds, where that can be done safely and again: `posthorn repair`. What it writes together belongs into
   * one `data.write`. Reports each thing; nothing where all is well.
   */
  fix?(context: ExtensionContext, repair: Repair): Promise<readonly Repaired[]>;
}

/** The slot of checks. @public @since 1.0.0 */
export const checks = slot<Check>('host.checks@1');
/** Contributes a check to `posthorn check`, and to `posthorn repair` where it has `fix`. @public @since 1.0.0 */
export const check = (c: Check): Contribution => contribute(checks, c);
