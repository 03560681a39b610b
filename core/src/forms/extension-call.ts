import type { ExtensionContext } from '@posthorn/sdk';
import { type Frame, running } from '../watch/attribution.js';
import { within } from './deadline.js';

export function frameOf(extension: string, at: string): Frame {
  const request = running.getStore()?.request;
  return { extension, at, ...(request === undefined ? {} : { request }) };
}

/** Runs a part of somebody's tab in that extension's name, with a deadline. */
export const callExtension = <T>(extension: string, at: string, ms: number, work: () => Promise<T> | T): Promise<T> =>
  running.run(frameOf(extension, at), () => within(ms, async () => work()));

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
