import type { DomainRef } from '@posthorn/admin/contract';
import type { Actor, ExtensionContext, Row } from '@posthorn/sdk';
import { transportSaved } from '../contract/hooks.js';
import type { TransportView } from '../contract/services.js';
import { type Settings, shownSettings } from './settings.js';

/** A row as it is stored. */
export interface StoredTransport {
  readonly id: number;
  readonly pattern: string;
  readonly service: string;
  readonly nextHop: string;
  readonly settings: Settings;
  readonly domain: DomainRef | null;
}

const SELECT = `select t.id, t.pattern, t.service, t.next_hop, t._settings as settings, t.domain_id, d.name as domain_name
  from transport_transport t left join admin_domain d on d.id = t.domain_id`;

/** Ids of one statement; the smallest limit of the three databases is SQLite's 32,766. */
const MANY = 1_000;

/** The rows of `transport_transport`. What writes runs inside a `write`. */
export class TransportRows {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async find(key: number | string): Promise<StoredTransport | undefined> {
    const [found] = await this.select(typeof key === 'number' ? 't.id = ?' : 't.pattern = ?', [key]);
    return found;
  }

  /** `rest` may order and limit. */
  async select(where: string, params: readonly unknown[], rest = ''): Promise<readonly StoredTransport[]> {
    const rows = await this.#context.data.execute(`${SELECT} where ${where} ${rest}`, params);
    return rows.map(storedOf);
  }

  /** Rows whose column is one of these texts or numbers, however many. */
  async among(
    column: 'pattern' | 'domain_id',
    values: readonly (string | number)[],
  ): Promise<readonly StoredTransport[]> {
    const found: StoredTransport[] = [];
    for (let at = 0; at < values.length; at += MANY) {
      const some = values.slice(at, at + MANY);
      found.push(...(await this.select(`t.${column} in (${some.map(() => '?').join(', ')})`, some)));
    }
    return found;
  }

  /** Makes a row, or changes the one with this id. */
  async save(actor: Actor, transport: Omit<StoredTransport, 'id'>, id?: number): Promise<StoredTransport> {
    const { data } = this.#context;
    const { pattern, service, nextHop, settings, domain } = transport;
    const values = [pattern, service, nextHop, JSON.stringify(settings), domain?.pk ?? null];
    if (id === undefined) {
      await data.execute(
        'insert into transport_transport (pattern, service, next_hop, _settings, domain_id) values (?, ?, ?, ?, ?)',
        values,
      );
    } else {
      await data.execute(
        'update transport_transport set pattern = ?, service = ?, next_hop = ?, _settings = ?, domain_id = ? where id = ?',
        [...values, id],
      );
    }
    const saved = (await this.find(pattern)) as StoredTransport;
    if (domain !== null && pattern === domain.name) await this.#link(domain, saved.id);
    await this.#context.call(transportSaved, { actor, transport: this.viewOf(saved) });
    return saved;
  }

  async remove({ id, domain, pattern }: StoredTransport): Promise<void> {
    await this.#context.data.execute('delete from transport_transport where id = ?', [id]);
    if (domain !== null && pattern === domain.name) await this.#link(domain, null);
  }

  viewOf({ id, pattern, service, nextHop, settings, domain }: StoredTransport): TransportView {
    return Object.freeze({
      pk: id,
      pattern,
      service,
      next_hop: nextHop,
      settings: shownSettings(this.#context, service, settings),
      domain,
    });
  }

  async #link(domain: DomainRef, id: number | null): Promise<void> {
    const { data } = this.#context;
    await data.derived(() => data.execute('update admin_domain set transport_id = ? where id = ?', [id, domain.pk]));
  }
}

function storedOf(row: Row): StoredTransport {
  const { domain_id: domainId, settings } = row;
  return {
    id: Number(row.id),
    pattern: String(row.pattern),
    service: String(row.service),
    nextHop: String(row.next_hop),
    // PostgreSQL's driver gives JSON as what it says, the others as text.
    settings: (typeof settings === 'string' ? JSON.parse(settings) : settings) as Settings,
    domain: domainId === null ? null : { pk: Number(domainId), name: String(row.domain_name) },
  };
}
