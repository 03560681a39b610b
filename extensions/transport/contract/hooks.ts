import { type Actor, hook } from '@posthorn/sdk';
import type { TransportView } from './services.js';

export interface TransportSaved {
  readonly actor: Actor;
  readonly transport: TransportView;
}
/**
 * Inside the transaction that makes or changes a transport, after its row was written: rows that follow it follow now, or
 * it is refused. What hangs on a deleted one goes by a foreign key to `transport_transport`.
 */
export const transportSaved = hook.guard<TransportSaved>('transport.saved@1');
