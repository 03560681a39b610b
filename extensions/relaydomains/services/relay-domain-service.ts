import { type DomainView, domains, type Key } from '@posthorn/admin/contract';
import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { routes, type TransportView } from '@posthorn/transport/contract';
import type {
  NewRelayDomain,
  RelayDomainChange,
  RelayDomainFilter,
  RelayDomains,
  RelayDomainView,
  RelayTarget,
} from '../contract/services.js';
import { requirePermission } from '../permissions.js';
import { problem } from '../problems.js';

const RELAY = 'relay';
/** Domains whose transports are read at once. */
const CHUNK = 500;

const DEFAULTS = { target_port: 25, verify_recipients: false };

/** Relay domains: the domain is `admin`'s, where its mail goes is `transport`'s. */
export class RelayDomainService implements RelayDomains {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  list(actor: Actor, filter: RelayDomainFilter = {}): AsyncIterable<RelayDomainView> {
    requirePermission(actor, 'relaydomains.view_relaydomain');
    return this.#stream(this.#context.get(domains).list(actor, { ...filter, type: 'relaydomain' }));
  }

  async show(actor: Actor, key: Key): Promise<RelayDomainView> {
    requirePermission(actor, 'relaydomains.view_relaydomain');
    return this.#viewOf(await this.#reach(actor, key));
  }

  async create(actor: Actor, input: NewRelayDomain): Promise<RelayDomainView> {
    requirePermission(actor, 'relaydomains.add_relaydomain');
    const { target_host, target_port, verify_recipients, ...rest } = input;
    return this.#context.data.write(async () => {
      const domain = await this.#context.get(domains).create(actor, { ...rest, type: 'relaydomain' });
      await this.#route(actor, domain, present({ target_host, target_port, verify_recipients }));
      return this.#viewOf(domain);
    });
  }

  async update(actor: Actor, key: Key, change: RelayDomainChange): Promise<RelayDomainView> {
    requirePermission(actor, 'relaydomains.change_relaydomain');
    const found = await this.#reach(actor, key);
    const { target_host, target_port, verify_recipients, ...rest } = change;
    return this.#context.data.write(async () => {
      const domain = await this.#context.get(domains).update(actor, found.pk, rest);
      const target = present({ target_host, target_port, verify_recipients });
      if (Object.keys(target).length > 0) {
        const before = (await this.#context.get(routes).of([domain.pk])).get(domain.pk);
        const kept = before?.service === RELAY ? before.settings : {};
        await this.#route(actor, domain, { ...kept, ...target });
      }
      return this.#viewOf(domain);
    });
  }

  async remove(actor: Actor, key: Key): Promise<void> {
    requirePermission(actor, 'relaydomains.delete_relaydomain');
    const domain = await this.#reach(actor, key);
    await this.#context.get(domains).remove(actor, domain.pk);
  }

  async setTarget(actor: Actor, key: Key, target: RelayTarget): Promise<void> {
    // Whoever has just made the domain says where it leads with it.
    if (!actor.can('relaydomains.add_relaydomain')) requirePermission(actor, 'relaydomains.change_relaydomain');
    const domain = await this.#reach(actor, key);
    await this.#context.data.write(() => this.#route(actor, domain, present({ ...target })));
  }

  async #route(actor: Actor, domain: DomainView, settings: Readonly<Record<string, unknown>>): Promise<void> {
    if (settings.target_host === undefined || settings.target_host === '') {
      throw problem('E_RELAYDOMAINS_TARGET', {}, { field: 'target_host' });
    }
    const { pk, name } = domain;
    await this.#context
      .get(routes)
      .set(actor, { pk, name }, { service: RELAY, settings: { ...DEFAULTS, ...settings } });
  }

  /** The domain, if it is in reach and a relay domain; otherwise it does not exist for this actor. */
  async #reach(actor: Actor, key: Key): Promise<DomainView> {
    const domain = await this.#context.get(domains).show(actor, key);
    if (domain.type !== 'relaydomain') throw problem('E_RELAYDOMAINS_NOT_FOUND', { name: domain.name });
    return domain;
  }

  async #viewOf(domain: DomainView): Promise<RelayDomainView> {
    return viewOf(domain, (await this.#context.get(routes).of([domain.pk])).get(domain.pk));
  }

  async *#stream(found: AsyncIterable<DomainView>): AsyncGenerator<RelayDomainView> {
    const some: DomainView[] = [];
    for await (const domain of found) {
      some.push(domain);
      if (some.length === CHUNK) yield* await this.#viewsOf(some.splice(0));
    }
    yield* await this.#viewsOf(some);
  }

  async #viewsOf(some: readonly DomainView[]): Promise<readonly RelayDomainView[]> {
    const found = await this.#context.get(routes).of(some.map(({ pk }) => pk));
    return some.map((domain) => viewOf(domain, found.get(domain.pk)));
  }
}

function viewOf(domain: DomainView, route: TransportView | undefined): RelayDomainView {
  const { pk, name, enabled, mailbox_count, domainalias_count, enable_dkim, dkim_key_selector, dkim_public_key } =
    domain;
  const { target_host: host, target_port: port, verify_recipients: verifies } = route?.settings ?? {};
  return Object.freeze({
    pk,
    name,
    enabled,
    target_host: typeof host === 'string' ? host : null,
    target_port: typeof port === 'number' ? port : null,
    verify_recipients: verifies === true,
    transport_pk: route?.pk ?? null,
    service: route?.service ?? null,
    next_hop: route?.next_hop ?? null,
    mailbox_count,
    domainalias_count,
    enable_dkim,
    dkim_key_selector,
    dkim_public_key,
  });
}

const present = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
