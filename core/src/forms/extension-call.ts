import { type ExtensionContext, isProblem } from '@posthorn/sdk';
import { callInFrame, frameOf } from '../watch/attribution.js';
import { within } from './deadline.js';

/** Runs a part of somebody's page in that extension's name, with a deadline. A problem is an answer, not a failure. */
export const callExtension = <T>(extension: string, at: string, ms: number, work: () => Promise<T> | T): Promise<T> =>
  callInFrame(
    frameOf(extension, at),
    () => within(ms, async () => work()),
    (error) => !isProblem(error),
  );

/** The contexts that tabs get: the engine's own under the name of the tab's extension. */
export class TabContexts {
  readonly #made = new Map<string, ExtensionContext>();

  constructor(private readonly own: ExtensionContext) {}

  of(extension: string): ExtensionContext {
    let context = this.#made.get(extension);
    if (context === undefined) {
      context =
        extension === this.own.extension
          ? this.own
          : (Object.create(this.own, { extension: { value: extension, enumerable: true } }) as ExtensionContext);
      this.#made.set(extension, context);
    }
    return context;
  }
}
