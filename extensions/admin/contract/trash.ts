/** What was deleted and can still be brought back. */
import { type Contribution, contribute, slot } from '@posthorn/sdk';
import type { Page } from './inputs.js';

export const TRASH_KINDS = ['domain', 'domain-alias', 'account', 'mailbox', 'alias'] as const;
export type TrashKind = (typeof TRASH_KINDS)[number];

/** One deletion, with everything that went along. */
export interface TrashView {
  readonly pk: number;
  readonly kind: TrashKind;
  /** Name or address, as it was. */
  readonly name: string;
  readonly mailboxes: number;
  readonly aliases: number;
  /** ISO 8601, UTC. */
  readonly deleted_at: string;
  readonly deleted_by: string;
  /** From when on it is removed for good. */
  readonly purge_at: string;
}

export interface TrashFilter extends Page {
  /** Part of the name. */
  readonly search?: string;
  readonly kind?: TrashKind;
}

/** What coming back meant. */
export interface Restored {
  readonly kind: TrashKind;
  readonly pk: number;
  readonly name: string;
  /** Rows that found no place any more: their account, alias or mailbox is gone, or somebody made it anew. */
  readonly left_out: number;
}

/**
 * Rows that belong to a thing of `of` and go to the trash with it, so that they come back with it: those of `table` whose
 * `column` holds the number of such a thing. They are read before the deletion and written again, number included, after
 * the thing itself. The deletion is the table's own: a foreign key with `on delete cascade`, or a listener. `of` is a
 * table of `admin`, `core_user`, or that of another part. What else has to be mended is for listeners of the signals that
 * a new thing sends, which are sent again. Secrets are safe: all of it is stored sealed.
 */
export interface TrashPart {
  /** Has an `id`. */
  readonly table: string;
  readonly of: string;
  readonly column: string;
}
export const trashParts = slot<TrashPart>('admin.trash-parts@1');
export const trashPart = (part: TrashPart, o: { readonly order?: number } = {}): Contribution =>
  contribute(trashParts, part, o);
