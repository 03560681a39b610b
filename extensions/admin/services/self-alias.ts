import type { ExtensionContext } from '@posthorn/sdk';
import { asText, textIn } from './sql.js';

/**
 * Every mailbox has an internal alias to itself, so that a catch-all of its domain does not swallow it: Postfix asks for
 * the whole address first. It steps back exactly while somebody forwards the address without keeping a copy, since both
 * answers would count.
 */
export class SelfAliases {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Brings the internal aliases of these addresses in line with their forwards. Inside a `write`, after a flush. */
  async refresh(addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    const { data } = this.#context;
    const where = textIn('address', addresses);
    const kept = 'select 1 from admin_aliasrecipient r where r.alias_id = f.id and r.address = f.address';
    const update = () =>
      data.execute(
        `update admin_alias set enabled = case when exists (
         select 1 from admin_alias f where f.address = admin_alias.address and f.internal = false and f.enabled = true
           and (f.expire_at is null or f.expire_at > ?) and not exists (${kept})
       ) then false else true end
       where internal = true and domain_id is not null and ${where.sql}`,
        [this.#context.now(), ...where.params],
      );
    await data.derived(update);
  }

  /** For internal aliases that were just made, and so are enabled: those of addresses that somebody forwards step back. */
  async stepBack(addresses: readonly string[]): Promise<void> {
    const where = textIn('address', addresses);
    const forwarded = await this.#context.data.execute(
      `select address from admin_alias where internal = false and ${where.sql}`,
      where.params,
    );
    await this.refresh(forwarded.map(({ address }) => asText(address)));
  }

  /**
   * Those whose forward has come to its end. Our own map sees that by itself; this keeps the column true for whoever
   * reads the table with other SQL.
   */
  async refreshExpired(): Promise<number> {
    const rows = await this.#context.data.execute<{ address: string }>(
      `select s.address from admin_alias s inner join admin_alias f on f.address = s.address and f.internal = false
       where s.internal = true and s.enabled = false and f.expire_at <= ?`,
      [this.#context.now()],
    );
    if (rows.length > 0) await this.#context.data.write(() => this.refresh(rows.map((row) => row.address)));
    return rows.length;
  }
}
