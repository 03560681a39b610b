import { DOMAIN_KIND, type DomainRef, domains, type Key } from '@posthorn/admin/contract';
import { type Actor, access, type ExtensionContext, isPlainLine, isProblem, type Problem } from '@posthorn/sdk';
import type {
  TransportChange,
  TransportFilter,
  TransportInput,
  Transports,
  TransportView,
} from '../contract/services.js';
import { type Pattern, parsePattern } from '../patterns.js';
import { requirePermission } from '../permissions.js';
import { problem } from '../problems.js';
import { backendOf, checkSettings } from './settings.js';
import { type StoredTransport, TransportRows } from './transport-rows.js';

const PAGE = 500;

/** Transports: the rules behind every door. */
export class TransportService implements Transports {
  readonly #context: ExtensionContext;
  readonly #rows: TransportRows;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#rows = new TransportRows(context);
  }

  list(actor: Actor, filter: TransportFilter = {}): AsyncIterable<TransportView> {
    requirePermission(actor, 'transport.view_transport');
    return this.#stream(actor, filter);
  }

  async show(actor: Actor, key: Key): Promise<TransportView> {
    requirePermission(actor, 'transport.view_transport');
    return this.#rows.viewOf(await this.#reach(actor, key));
  }

  async create(actor: Actor, input: TransportInput): Promise<TransportView> {
    requirePermission(actor, 'transport.add_transport');
    const pattern = this.#pattern(input.pattern, input.service);
    const domain = await this.#domainOf(actor, pattern);
    const { service, settings = {}, next_hop } = input;
    return this.#orTaken(pattern.text, async () => {
      const checked = checkSettings(this.#context, { service, settings, next_hop }, {});
      const row = { pattern: pattern.text, service, nextHop: checked.next_hop, settings: checked.stored, domain };
      return this.#rows.viewOf(await this.#rows.save(actor, row));
    });
  }

  async update(actor: Actor, key: Key, change: TransportChange): Promise<TransportView> {
    requirePermission(actor, 'transport.change_transport');
    const { id } = await this.#reach(actor, key);
    return this.#orTaken(change.pattern ?? String(key), async () => {
      const before = (await this.#rows.find(id)) as StoredTransport;
      const service = change.service ?? before.service;
      const pattern = this.#pattern(change.pattern ?? before.pattern, service);
      const domain = await this.#domainOf(actor, pattern);
      const isSame = service === before.service;
      const shown = isSame ? this.#rows.viewOf(before).settings : {};
      const isRaw = isSame && backendOf(this.#context, service) === undefined;
      const checked = checkSettings(
        this.#context,
        {
          service,
          settings: { ...shown, ...change.settings },
          next_hop: change.next_hop ?? (isRaw ? before.nextHop : undefined),
        },
        isSame ? before.settings : {},
      );
      const row = { pattern: pattern.text, service, nextHop: checked.next_hop, settings: checked.stored, domain };
      return this.#rows.viewOf(await this.#rows.save(actor, row, id));
    });
  }

  async remove(actor: Actor, key: Key): Promise<void> {
    requirePermission(actor, 'transport.delete_transport');
    const row = await this.#reach(actor, key);
    await this.#context.data.write(() => this.#rows.remove(row));
  }

  #pattern(text: string, service: string): Pattern {
    const pattern = parsePattern(text);
    const kinds = backendOf(this.#context, service)?.kinds;
    if (kinds !== undefined && !kinds.includes(pattern.kind)) {
      throw problem('E_TRANSPORT_KIND', { service, pattern: pattern.text }, { field: 'pattern' });
    }
    return pattern;
  }

  /** The domain of ours in the pattern, which must be the actor's. Foreign ones are a super administrator's. */
  async #domainOf(actor: Actor, { domain: name }: Pattern): Promise<DomainRef | null> {
    try {
      const { pk, name: own } = await this.#context.get(domains).show(actor, name);
      return { pk, name: own };
    } catch (error) {
      if (!isProblem(error) || (error.kind !== 'not-found' && error.kind !== 'refused')) throw error;
      if (actor.isSuperuser) return null;
      throw problem('E_TRANSPORT_OUT_OF_REACH', { name }, { field: 'pattern' });
    }
  }

  async #reach(actor: Actor, key: Key): Promise<StoredTransport> {
    const isKey = typeof key === 'number' ? Number.isSafeInteger(key) : key.length <= 320 && isPlainLine(key);
    const row = isKey ? await this.#rows.find(typeof key === 'number' ? key : key.trim().toLowerCase()) : undefined;
    const within = await this.#within(actor);
    if (row === undefined || !within(row)) throw problem('E_TRANSPORT_NOT_FOUND', { name: isKey ? key : '?' });
    return row;
  }

  /** Whether a row is the actor's: by its domain. */
  async #within(actor: Actor): Promise<(row: StoredTransport) => boolean> {
    if (actor.isSuperuser) return () => true;
    const own = actor.id === null ? new Set() : await this.#context.get(access).reachable(actor.id, DOMAIN_KIND);
    return ({ domain }) => domain !== null && own.has(domain.pk);
  }

  async *#stream(actor: Actor, filter: TransportFilter): AsyncGenerator<TransportView> {
    const within = await this.#within(actor);
    const { service, search = '' } = filter;
    const text = `%${search.toLowerCase().replace(/[!%_]/g, (c) => `!${c}`)}%`;
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (let { after = '' } = filter; left > 0; ) {
      const rows = await this.#rows.select(
        `t.pattern > ? and (t.pattern like ? escape '!' or t.next_hop like ? escape '!')${service === undefined ? '' : ' and t.service = ?'}`,
        [after, text, text, ...(service === undefined ? [] : [service])],
        `order by t.pattern limit ${PAGE}`,
      );
      for (const row of rows.filter(within)) {
        yield this.#rows.viewOf(row);
        left -= 1;
        if (left === 0) return;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last.pattern;
    }
  }

  /** Two may ask for the same pattern at the same moment; the database refuses the second. */
  async #orTaken<T>(pattern: string, work: () => Promise<T>): Promise<T> {
    const taken = (): Problem => problem('E_TRANSPORT_TAKEN', { pattern }, { field: 'pattern' });
    try {
      return await this.#context.data.write(work);
    } catch (error) {
      for (let at = error; at instanceof Error; at = at.cause) {
        if (at.name === 'UniqueConstraintViolationException') throw taken();
      }
      throw error;
    }
  }
}
