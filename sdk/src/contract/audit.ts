import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Row } from '../data.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/**
 * How the rows of a table appear in the audit. A table that nobody describes is recorded under its own name, with every
 * column; columns whose names sound like secrets are masked.
 * @public @since 1.0.0
 */
export interface AuditedTable {
  readonly table: string;
  /** What one row is, as a word of the record: `note`. Its history is that of this kind and number. */
  readonly kind: string;
  /** What people call it. */
  readonly title: Text;
  /** The numeric column that tells rows apart; default `id`. */
  readonly id?: string;
  /** What one row is called, from its columns. A new row has only the columns that were given. */
  label?(row: Row): string;
  /** What it lies in, as `kind:number`: its changes belong to the history of that as well. */
  place?(row: Row): string | undefined;
  /** Columns of which only is told that they changed. Default: those whose names sound like it. */
  readonly secrets?: readonly string[];
  /** Columns that are not recorded: what programs count, and when something was changed. */
  readonly unseen?: readonly string[];
  /** By table: the column that refers to it with `on delete cascade`. Rows that go along are recorded too. */
  readonly goesWith?: Readonly<Record<string, string>>;
  /** Where its page is. */
  href?(object: { readonly id: number; readonly label: string }): string;
}
/** How the rows of tables appear in the audit. @public @since 1.0.0 */
export const auditedTables = slot<AuditedTable>('host.audited-tables@1');
/** Describes one table for the audit. @public @since 1.0.0 */
export const auditedTable = (table: AuditedTable): Contribution => contribute(auditedTables, table);

/**
 * Tables whose rows are no decisions of people: queues, counters, what can be computed again. Their changes are not
 * recorded.
 * @public @since 1.0.0
 */
export const unauditedTables = slot<{ readonly table: string }>('host.unaudited-tables@1');
/** Leaves one table of the extension out of the audit. @public @since 1.0.0 */
export const unauditedTable = (table: string): Contribution => contribute(unauditedTables, { table });

/** A condition over the columns `object_id` and `place` of the audit, with the values of its placeholders. @public @since 1.0.0 */
export interface AuditCondition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/**
 * Which records of a kind somebody may see who is not a super administrator. Several are joined by `or`; a kind without
 * any, and undefined, mean none.
 * @public @since 1.0.0
 */
export interface AuditReach {
  readonly kind: string;
  condition(actor: Actor, context: ExtensionContext): Promise<AuditCondition | undefined>;
}
/** Who sees which records. @public @since 1.0.0 */
export const auditReaches = slot<AuditReach>('host.audit-reach@1');
/** Says who sees which records of one kind. @public @since 1.0.0 */
export const auditReach = (reach: AuditReach): Contribution => contribute(auditReaches, reach);

/** The permission to open the audit, of what one reaches. @public @since 1.0.0 */
export const VIEW_AUDIT = 'core.view_audit';
