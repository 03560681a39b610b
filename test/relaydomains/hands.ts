/** Relay domains and transports as they are made at each door. */
import { relayDomains } from '@posthorn/relaydomains/contract';
import { transports } from '@posthorn/transport/contract';
import { options } from '../admin/doors/command-hands.js';
import { adminHands } from '../admin/doors/doors.js';
import type { AdminHands, Door, Reach } from '../admin/doors/hands.js';
import { box, sendForm } from '../admin/doors/page-hands.js';
import { byCommand, byService, type Said } from '../admin/doors/said.js';
import type { Fields } from '../kit/src/host/page.js';

export interface Target {
  readonly target_host: string;
  readonly target_port?: number | string;
  readonly verify_recipients?: boolean;
}
type Settings = Readonly<Record<string, string | number>>;

export interface RelayHands {
  relayDomain(name: string, target: Target): Promise<Said>;
  changeRelay(name: string, change: Partial<Target> & { readonly name?: string }): Promise<Said>;
  /** An ordinary domain becomes a relay domain with this target. */
  relayFrom(name: string, target: Target): Promise<Said>;
  transport(pattern: string, service: string, settings: Settings): Promise<Said>;
  changeTransport(pattern: string, settings: Settings): Promise<Said>;
  removeTransport(pattern: string): Promise<Said>;
}

/** Only what is typed; the rest of a form stays as it was. */
const relayFields = (target: Partial<Target>): Fields => ({
  ...(target.target_host === undefined ? {} : { 'relay.target_host': target.target_host }),
  ...(target.target_port === undefined ? {} : { 'relay.target_port': String(target.target_port) }),
  ...(target.verify_recipients === undefined ? {} : { 'relay.verify_recipients': box(target.verify_recipients) }),
});
const texts = (settings: Settings): Fields =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));

const ofRelays: Readonly<Record<Door, Reach<RelayHands>>> = {
  service: (b, username) => {
    const relay = b.context.get(relayDomains);
    const ways = b.context.get(transports);
    const by = <T>(work: (who: Awaited<ReturnType<typeof b.actor>>) => Promise<T>) =>
      byService(b.actor(username).then(work));
    return {
      relayDomain: (name, target) => by((who) => relay.create(who, { name, ...target } as never)),
      changeRelay: (name, change) => by((who) => relay.update(who, name, change as never)),
      relayFrom: (name, target) =>
        by(async (who) => {
          await b.domains.update(who, name, { type: 'relaydomain' });
          await relay.setTarget(who, name, target as never);
        }),
      transport: (pattern, service, settings) => by((who) => ways.create(who, { pattern, service, settings })),
      changeTransport: (pattern, settings) => by((who) => ways.update(who, pattern, { settings })),
      removeTransport: (pattern) => by((who) => ways.remove(who, pattern)),
    };
  },
  page: (b, username) => {
    const send = async (path: string, fields: Fields) => sendForm(await b.host.as(username), path, fields);
    const transport = async (pattern: string) =>
      `/transport/${(await b.context.get(transports).show(b.system, pattern)).pk}/`;
    const relay = { 'general.type': 'relaydomain' };
    return {
      relayDomain: (name, target) =>
        send('/admin/domains/new/', {
          ...relay,
          'general.name': name,
          'general.quota': '0',
          'general.default_mailbox_quota': '0',
          ...relayFields(target),
        }),
      changeRelay: (key, { name, ...target }) =>
        send(`/admin/domains/${key}/edit/`, {
          ...(name === undefined ? {} : { 'general.name': name }),
          ...relayFields(target),
        }),
      relayFrom: (key, target) => send(`/admin/domains/${key}/edit/`, { ...relay, ...relayFields(target) }),
      transport: (pattern, service, settings) => send(`/transport/new/${service}/`, { pattern, ...texts(settings) }),
      changeTransport: async (pattern, settings) => send(`${await transport(pattern)}edit/`, texts(settings)),
      removeTransport: async (pattern) => send(`${await transport(pattern)}delete/`, {}),
    };
  },
  command: (b, username) => {
    const run = (...argv: readonly string[]) => byCommand(b.host, [...argv, '--as', username]);
    const set = (settings: Settings) => Object.entries(settings).map(([name, value]) => `--setting=${name}=${value}`);
    return {
      relayDomain: (name, target) => run('relaydomain', 'create', name, ...options({ ...target })),
      changeRelay: (key, { name: rename, ...target }) =>
        run('relaydomain', 'update', key, ...options({ ...target, rename })),
      async relayFrom(key, target) {
        const said = await run('domain', 'update', key, '--type', 'relaydomain');
        return said.code === 'accepted' ? run('relaydomain', 'update', key, ...options({ ...target })) : said;
      },
      transport: (pattern, service, settings) =>
        run('transport', 'create', pattern, '--service', service, ...set(settings)),
      changeTransport: (pattern, settings) => run('transport', 'update', pattern, ...set(settings)),
      removeTransport: (pattern) => run('transport', 'delete', pattern, '--yes'),
    };
  },
};

export const relayHandsAt =
  (door: Door): Reach<AdminHands & RelayHands> =>
  (b, username) => ({ ...adminHands[door](b, username), ...ofRelays[door](b, username) });
