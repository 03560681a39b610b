import { networkInterfaces } from 'node:os';
import type { DomainRef } from '@posthorn/admin/contract';
import { type Actor, type ExtensionContext, instance } from '@posthorn/sdk';
import type { Route, Routes, TransportView } from '../contract/services.js';
import { checkSettings } from './settings.js';
import { TransportRows } from './transport-rows.js';

/** Where Postfix listens for mail from everywhere (RFC 5321 section 4.5.4.2). */
const SMTP = 25;
const LOOPBACK = /^(?:127\.|::1$|localhost$)/;

/** The transports of whole domains. */
export class RouteService implements Routes {
  readonly #context: ExtensionContext;
  readonly #rows: TransportRows;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#rows = new TransportRows(context);
  }

  async of(domains: readonly number[]): Promise<ReadonlyMap<number, TransportView>> {
    const rows = await this.#rows.among('domain_id', domains);
    return new Map(
      rows.flatMap((row) =>
        row.domain !== null && row.pattern === row.domain.name ? [[row.domain.pk, this.#rows.viewOf(row)]] : [],
      ),
    );
  }

  async set(actor: Actor, domain: DomainRef, { service, settings }: Route): Promise<TransportView> {
    const before = await this.#rows.find(domain.name);
    const { next_hop: nextHop, stored } = checkSettings(
      this.#context,
      { service, settings },
      before?.service === service ? before.settings : {},
    );
    const row = { pattern: domain.name, service, nextHop, settings: stored, domain };
    return this.#rows.viewOf(await this.#rows.save(actor, row, before?.id));
  }

  async clear(domain: DomainRef): Promise<void> {
    const row = await this.#rows.find(domain.name);
    if (row !== undefined) await this.#rows.remove({ ...row, domain });
  }

  leadsBack(host: string, port: number): boolean {
    if (port !== SMTP) return false;
    const own = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
    const names = [this.#context.get(instance).hostname.toLowerCase(), ...own];
    const asked = host.toLowerCase();
    return LOOPBACK.test(asked) || names.includes(asked);
  }
}
