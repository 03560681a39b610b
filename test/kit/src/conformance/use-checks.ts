import { setTimeout as sleep } from 'node:timers/promises';
import { defineExtension, type FormModel, type FormTab, forms, formTab, page, type SlotRef, view } from '@posthorn/sdk';
import type { Check } from './check.js';
import { hostOf, preparedOn } from './subject.js';

const PROBE = 'conformance-probe';
const BROKEN = 'conformance-broken';

const isTab = (item: unknown): item is FormTab<unknown> =>
  typeof item === 'object' && item !== null && ['load', 'save', 'validate', 'shape'].every((name) => name in item);

export const tabCheck: Check = {
  id: 'tabs',
  name: 'every tab is shown, also beside one that fails',
  mend: 'Let `load` answer for every subject, and for none while the thing is being made; it must not rely on other tabs.',
  async look(s, o) {
    const { id, contributes = [] } = s.definition;
    const slots = new Map(
      contributes
        .filter(({ item }) => isTab(item))
        .map(({ slot }) => [slot.id, slot as unknown as SlotRef<FormTab<unknown>>]),
    );
    if (slots.size === 0) return { skipped: 'it has no tabs' };
    const models = new Map<string, FormModel>();
    let subjects: Readonly<Record<string, unknown>> = {};
    const probe = defineExtension({
      id: PROBE,
      version: '1.0.0',
      sdk: '^1.0.0',
      title: PROBE,
      contributes: [
        ...[...slots.values()].map((slot) =>
          formTab(
            slot,
            {
              id: BROKEN,
              title: BROKEN,
              shape: {},
              load: () => Promise.reject(new Error('a neighbour that fails')),
              save: async () => undefined,
            },
            { order: -1_000 },
          ),
        ),
        ...[...slots].map(([slotId, slot], i) =>
          page({
            path: `/${PROBE}/${i}/`,
            permission: 'signed-in',
            load: async (request) => {
              const model = await request.context.get(forms).show(slot, {
                request,
                subject: subjects[slotId],
                action: `/${PROBE}/${i}/`,
                submit: 'Save',
                cancel: '',
              });
              models.set(slotId, model);
              return view('host:form', PROBE, { form: model });
            },
          }),
        ),
      ],
    });
    await using host = await hostOf(s, [probe]);
    subjects = (await preparedOn(host, o)).subjects ?? {};
    const root = await host.admin();
    const wrong: string[] = [];
    for (const [i, slotId] of [...slots.keys()].entries()) {
      const { status } = await root.get(`/${PROBE}/${i}/`);
      const model = models.get(slotId);
      if (model === undefined) wrong.push(`${slotId}: the form could not be shown (${status})`);
      for (const tab of model?.tabs ?? [])
        if (tab.from === id && tab.failure !== undefined)
          wrong.push(
            `${slotId}: the tab ${tab.id} fails: ${
              reason(
                host.reports.map(({ message }) => message),
                id,
              ) ?? tab.failure
            }`,
          );
    }
    return wrong;
  },
};

const reason = (reports: readonly string[], id: string): string | undefined =>
  reports.find((message) => message.startsWith(`${id}:`));

/** What a listener gets before it is told to stop, and what it may take to do so. */
const PATIENCE_MS = 100;
const STOP_MS = 2_000;

export const deadlineCheck: Check = {
  id: 'deadlines',
  name: 'every listener ends when its time is over',
  mend: 'Pass `context.signal` to whatever the listener waits for, or stop when it is aborted.',
  async look(s, o) {
    const { id, taps = [] } = s.definition;
    if (taps.length === 0) return { skipped: 'it listens to nothing' };
    await using host = await hostOf(s);
    const { events = {} } = await preparedOn(host, o);
    const wrong: string[] = [];
    for (const { hook, run } of taps) {
      const stop = new AbortController();
      const context = Object.create(host.context(id), {
        signal: { value: stop.signal },
        delivery: { value: { id: 'conformance', attempt: 1 } },
      }) as object;
      const event = events[hook.id] ?? hollow();
      const listener = run as (...given: unknown[]) => unknown;
      const ended = (async () =>
        listener(...(hook.kind === 'filter' ? [hollow(), event, context] : [event, context])))().then(
        () => true,
        () => true,
      );
      const inTime = await Promise.race([ended, sleep(PATIENCE_MS, false)]);
      stop.abort(new Error('the time is over'));
      if (!inTime && !(await Promise.race([ended, sleep(STOP_MS, false)])))
        wrong.push(`the listener of ${hook.id} still runs ${STOP_MS} ms after its signal was aborted`);
    }
    return wrong;
  },
};

/** An event of any shape: each of its places is one like it, empty where it is a text or a list. */
function hollow(): unknown {
  return new Proxy(() => undefined, {
    get: (_target, name) => {
      if (name === 'then') return undefined;
      if (name === Symbol.toPrimitive || name === 'toString') return () => '';
      if (name === Symbol.iterator) return () => [][Symbol.iterator]();
      return hollow();
    },
    apply: () => hollow(),
  });
}
