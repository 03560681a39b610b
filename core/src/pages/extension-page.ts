import { type Contribution, type ExtensionDefinition, messages, type PageRequest, page, view } from '@posthorn/sdk';
import type { ExtensionPackage } from '../assembly/discover.js';
import { load } from '../assembly/load.js';
import { backfillState } from '../backfill/backfills.js';
import { collectFigures } from '../doctor/collect.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { footprint } from '../packages/footprint.js';
import { LEFT_LABELS } from '../packages/left-labels.js';
import { type ObservedExtension, observedExtensions } from '../packages/observed-states.js';
import { packageFacts } from '../packages/package-facts.js';
import { MANAGE_EXTENSIONS } from '../packages/package-jobs.js';
import { type BroughtKind, broughtBy, claimedBy } from './extension-brings.js';
import { EXTENSIONS, extensionPath, stateStatus } from './extension-state.js';
import { moment } from './moment.js';
import { parameterForms } from './parameter-form.js';

const t = messages('host');

/** Errors that the page shows; the doctor has more. */
const SHOWN_ERRORS = 5;
const IN_SCHEMA = new Set(['table', 'view', 'column']);

/** One extension: who made it, how it fares, what it brings, and what can be done with it. */
export const extensionPage = (kernel: () => Kernel): Contribution =>
  page({
    path: `${EXTENSIONS}:id/`,
    permission: MANAGE_EXTENSIONS,
    async load(request) {
      const { id } = request.params;
      const state = (await observedExtensions(kernel())).find((one) => one.id === id);
      if (state === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id });
      const found = kernel().packages.find((one) => one.id === id);
      const definition = await readable(kernel(), state, found);
      return view('extension', definition?.title ?? id, {
        id,
        url: request.url,
        state: { ...state, ...stateStatus(state.state) },
        description: request.t(definition?.description ?? ''),
        wished: request.t(state.desired === 'enabled' ? t('Enabled') : t('Disabled')),
        isEssential: kernel().config.essential.includes(id),
        author: found === undefined ? undefined : await packageFacts(found.directory),
        requires: peers(kernel(), found?.requires ?? definition?.requires),
        optional: peers(kernel(), definition?.optional),
        dependents: peers(kernel(), dependents(kernel(), id)),
        brings: definition === undefined ? [] : said(request, broughtBy(definition)),
        claims: said(request, claimedBy(definition?.claims ?? found?.claims)),
        listeners: listeners(kernel(), id),
        parameters: parameterLink(kernel(), request, id),
        schema: definition === undefined ? [] : await schema(kernel(), request, definition),
        health: await health(kernel(), request, id),
        backfill: await backfill(kernel(), request, definition),
        can: abilities(kernel(), state),
      });
    },
  });

/** What is enabled is read already. What does harm is not read here. */
async function readable(
  kernel: Kernel,
  { id, state }: ObservedExtension,
  found: ExtensionPackage | undefined,
): Promise<ExtensionDefinition | undefined> {
  const running = kernel.generation.order.find((one) => one.id === id);
  if (running !== undefined || found === undefined || (state !== 'disabled' && state !== 'available')) return running;
  return (await load(found)).definition;
}

interface Peer {
  readonly id: string;
  readonly range: string;
  /** Absent where it is not installed. */
  readonly href?: string;
}

const peers = (kernel: Kernel, ranges: Readonly<Record<string, string>> = {}): readonly Peer[] =>
  Object.entries(ranges).map(([id, range]) => ({
    id,
    range,
    ...(kernel.states.some((one) => one.id === id) ? { href: extensionPath(id) } : {}),
  }));

/** Whoever requires it, enabled or not, with the range. */
const dependents = (kernel: Kernel, id: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...kernel.packages, ...kernel.generation.order].flatMap((one) => {
      const range = one.requires?.[id];
      return range === undefined ? [] : [[one.id, range]];
    }),
  );

const said = (request: PageRequest, kinds: readonly BroughtKind[]) =>
  kinds.map(({ label, items }) => ({
    label: request.t(label),
    items: items.map(({ name, detail }) => ({ name: request.t(name), detail: request.t(detail) })),
  }));

/** Hooks of its own that others listen to. */
const listeners = (kernel: Kernel, id: string) =>
  kernel.generation.hooks
    .watched()
    .filter(({ hook, extension }) => hook.startsWith(`${id}.`) && extension !== id)
    .map(({ hook, extension }) => ({ hook, extension, href: extensionPath(extension) }));

const parameterLink = (kernel: Kernel, { actor }: PageRequest, id: string): string | undefined =>
  actor.can('core.manage_parameters') && parameterForms(kernel, 'global').some(({ extension }) => extension === id)
    ? `/core/parameters/${id}/`
    : undefined;

const schema = async (kernel: Kernel, request: PageRequest, definition: ExtensionDefinition) =>
  (await footprint(kernel.database, definition))
    .filter(({ kind }) => IN_SCHEMA.has(kind))
    .map(({ kind, name, rows }) => ({ kind: request.t(LEFT_LABELS[kind]), name, rows: kind === 'table' ? rows : '' }));

async function health(kernel: Kernel, request: PageRequest, id: string) {
  const { places, errors } = await collectFigures(kernel, { isServing: true });
  const own = places.filter(({ extension }) => extension === id);
  const sum = (of: 'calls' | 'failures' | 'late'): number => own.reduce((total, place) => total + place[of], 0);
  return {
    calls: sum('calls'),
    failures: sum('failures'),
    late: sum('late'),
    errors: errors
      .filter(({ extension }) => extension === id)
      .slice(0, SHOWN_ERRORS)
      .map(({ time, at, message }) => ({ time: moment(new Date(time), request), at, message })),
  };
}

async function backfill(kernel: Kernel, request: PageRequest, definition: ExtensionDefinition | undefined) {
  if (definition?.backfill === undefined) return undefined;
  const { last, isDue } = await backfillState(kernel, definition.id);
  const isEnabled = kernel.generation.has(definition.id);
  return {
    title: request.t(definition.backfill.title),
    isEnabled,
    isDue: isEnabled && isDue,
    last: last === undefined ? undefined : { ...last, at: moment(last.at, request) },
  };
}

/** Which buttons there are. */
const abilities = (kernel: Kernel, { id, state, desired }: ObservedExtension) => ({
  enable: desired !== 'enabled' && state !== 'enabled',
  disable: desired === 'enabled' && !kernel.config.essential.includes(id),
  lift: kernel.quarantines.items.some(({ extension }) => extension === id),
  uninstall: desired !== 'enabled',
  upgrade: state !== 'missing',
});
