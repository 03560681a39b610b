import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log } from '@posthorn/sdk';
import type { ExtensionState } from '../assembly/assemble.js';
import type { Revision } from '../cluster/revision.js';
import type { Database } from '../data/database.js';
import type { HookTable } from '../hooks/hooks.js';
import type { ExtensionError } from '../watch/attribution.js';
import { type Quarantine, readQuarantines, writeQuarantine } from './quarantine-rows.js';

/** What this process knows to be left out: read at its start, and anew with every revision. */
export class Quarantines {
  #items: readonly Quarantine[];
  /** Who gives up a listener may be in the middle of a transaction that is rolled back. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(
    private readonly database: Database,
    private readonly revision: Revision,
    private readonly log: Log,
    initial: readonly Quarantine[],
  ) {
    this.#items = initial;
  }

  get items(): readonly Quarantine[] {
    return this.#items;
  }

  async refresh(hooks: HookTable): Promise<void> {
    this.#items = await readQuarantines(this.database.execute.bind(this.database));
    this.apply(hooks);
  }

  /** Leaves out the listeners that are quarantined, and none else. */
  apply(hooks: HookTable): void {
    for (const { extension, hook, breaker } of hooks.watched()) {
      const isMeant = (q: Quarantine) => q.scope === 'listener' && q.extension === extension && q.place === hook;
      breaker.setGivenUp(this.#items.some(isMeant));
    }
  }

  /** Keeps that a listener was given up, for every process and after the end of this one. Never throws. */
  giveUp(error: ExtensionError): void {
    const { extension, at: place } = error;
    const last = error.cause instanceof Error ? error.cause.message : String(error.cause);
    const reason = `its listener to ${place} kept failing and is left out; the last error was: ${last.slice(0, 300)}`;
    const given: Quarantine = { extension, scope: 'listener', place, reason };
    this.#items = [...this.#items, given];
    this.log.error({ extension, at: place, reason }, 'an extension is quarantined');
    this.#outside(() => void this.#keep(given));
  }

  async #keep(given: Quarantine): Promise<void> {
    try {
      await this.database.write(async () => {
        if (await writeQuarantine(this.database.execute.bind(this.database), given)) await this.revision.raise();
      });
    } catch (error) {
      this.log.error({ err: error, extension: given.extension }, 'a quarantine could not be kept');
    }
  }
}

/** An extension of which a listener is left out is quarantined too, although the rest of it works. */
export const withQuarantines = (
  states: readonly ExtensionState[],
  items: readonly Quarantine[],
): readonly ExtensionState[] =>
  states.map((state) => {
    const reasons = items.filter((q) => q.scope === 'listener' && q.extension === state.id).map((q) => q.reason);
    return state.state !== 'enabled' || reasons.length === 0
      ? state
      : { ...state, state: 'quarantined', reason: reasons.join('; ') };
  });
