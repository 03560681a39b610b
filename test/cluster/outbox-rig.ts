import type { Delivery } from '@posthorn/sdk';
import type { Database } from '../../core/src/data/database.js';
import { Outbox } from '../../core/src/outbox/outbox.js';
import { KeyRing } from '../../core/src/secrets/key-ring.js';
import { SecretBox } from '../../core/src/secrets/secret-box.js';
import { type Rig, silent } from '../jobs/rig.js';

type Listener = (event: never, delivery: Delivery) => unknown;

/** One process of an installation, as far as its outbox goes: connections, listeners and leases of its own. */
export interface Member {
  readonly database: Database;
  readonly outbox: Outbox;
  /** Signals it listens to; may change. */
  readonly listeners: Map<string, Listener>;
  /** What it has logged above `debug`. */
  readonly said: string[];
  stop(): Promise<void>;
}

export async function openMember(rig: Rig, o: { readonly leaseMs?: number } = {}): Promise<Member> {
  const database = await rig.open();
  const listeners = new Map<string, Listener>();
  const said: string[] = [];
  const say = (fields: { readonly err?: unknown }, message: string): void =>
    void said.push(fields.err === undefined ? message : `${message}: ${fields.err}`);
  const outbox = new Outbox({
    database,
    listeners: (signal) => {
      const run = listeners.get(signal);
      return run === undefined ? undefined : async (event, delivery) => run(event as never, delivery);
    },
    secrets: new SecretBox(new KeyRing(rig.directory)),
    log: { ...silent, warn: say, error: say },
    ...o,
  });
  return {
    database,
    outbox,
    listeners,
    said,
    async stop() {
      await outbox.close();
      await database.close();
    },
  };
}

/** The rows of the table, oldest first. */
export const stored = (rig: Rig) =>
  rig.database.execute<{ hook: string; subject: string; payload: string; state: string; attempts: number }>(
    'select hook, subject, payload, state, attempts from core_outbox order by id',
  );

/** As if the processes that hold events had died long ago. */
export const endLeases = (rig: Rig) =>
  rig.database.execute(`update core_outbox set leased_until = 0, owner = 'dead' where state = 'ready'`);
