/** Settings of a service, between what people give, what is stored and what is shown. */
import { type ExtensionContext, fieldMeta, parseShape, type Shape, secrets } from '@posthorn/sdk';
import { type TransportBackend, transportBackends } from '../contract/backends.js';
import type { TransportView } from '../contract/services.js';
import { problem } from '../problems.js';

export type Settings = Readonly<Record<string, unknown>>;

const PURPOSE = 'transport/settings';
const SERVICE = /^[a-z0-9][a-z0-9_-]{0,29}$/;
const NEXT_HOP = /^(?:[!-~](?:[ -~]{0,98}[!-~])?)?$/;

export const backendOf = (context: ExtensionContext, service: string): TransportBackend | undefined =>
  context.items(transportBackends).find(({ item }) => item.service === service)?.item;

const secretsOf = (shape: Shape): readonly string[] =>
  Object.keys(shape).filter((name) => fieldMeta(shape[name] as Shape[string]).kind === 'secret');

export interface Checked {
  readonly next_hop: string;
  /** As they are stored: under the service's name, secrets sealed. */
  readonly stored: Settings;
}

/** What a service makes of its settings. `before`: stored ones, whose secrets stay where none are given. */
export function checkSettings(
  context: ExtensionContext,
  given: { readonly service: string; readonly settings: Settings; readonly next_hop?: string | undefined },
  before: Settings,
): Checked {
  const { service, next_hop: nextHop } = given;
  if (!SERVICE.test(service)) throw problem('E_TRANSPORT_SERVICE', { service: '?' }, { field: 'service' });
  const backend = backendOf(context, service);
  if (backend === undefined) {
    parseShape({}, given.settings);
    if (typeof nextHop !== 'string' || !NEXT_HOP.test(nextHop)) {
      throw problem('E_TRANSPORT_NEXT_HOP', {}, { field: 'next_hop' });
    }
    return { next_hop: nextHop, stored: {} };
  }
  const kept = secretsOf(backend.settings);
  const old = open(context, before, service, kept);
  const values = parseShape(backend.settings, { ...old, ...given.settings });
  const next_hop = backend.nextHop(values);
  if (nextHop !== undefined && nextHop !== next_hop) {
    throw problem('E_TRANSPORT_NEXT_HOP_SETTINGS', { service }, { field: 'next_hop' });
  }
  if (!NEXT_HOP.test(next_hop)) throw problem('E_TRANSPORT_NEXT_HOP', {}, { field: 'next_hop' });
  const vault = context.get(secrets);
  const stored = Object.entries(values).map(([name, value]) => [
    `${service}_${name}`,
    kept.includes(name) ? vault.seal(String(value), PURPOSE) : value,
  ]);
  return { next_hop, stored: Object.fromEntries(stored) };
}

/** Secrets in clear, by their names. */
export function openSecrets(
  context: ExtensionContext,
  service: string,
  stored: Settings,
): Readonly<Record<string, string>> {
  const backend = backendOf(context, service);
  return backend === undefined ? {} : open(context, stored, service, secretsOf(backend.settings));
}

function open(
  context: ExtensionContext,
  stored: Settings,
  service: string,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const vault = context.get(secrets);
  return Object.fromEntries(
    names.flatMap((name) => {
      const sealed = stored[`${service}_${name}`];
      return typeof sealed === 'string' ? [[name, vault.open(sealed, PURPOSE)]] : [];
    }),
  );
}

/** What may be shown of stored settings. */
export function shownSettings(context: ExtensionContext, service: string, stored: Settings): TransportView['settings'] {
  const backend = backendOf(context, service);
  const hidden = new Set(backend === undefined ? [] : secretsOf(backend.settings));
  return Object.fromEntries(
    Object.keys(backend?.settings ?? {}).flatMap((name) => {
      const value = stored[`${service}_${name}`];
      const isShown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      return isShown && !hidden.has(name) ? [[name, value]] : [];
    }),
  );
}
