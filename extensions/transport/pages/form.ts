/** The form of a transport: its pattern and what its service needs to know. */
import {
  field,
  fieldMeta,
  forms,
  messages,
  type PageAnswer,
  type PageRequest,
  type Problem,
  parseShape,
  type Shape,
  type Text,
  view,
} from '@posthorn/sdk';
import type { TransportInput, TransportView } from '../contract/services.js';
import { problem } from '../problems.js';
import { backendOf } from '../services/settings.js';

const t = messages('transport');

export const LIST = '/transport/';

const pattern = field.string({
  label: t('Pattern'),
  help: t('example.org, .example.org for what is below it, an address, or @example.org for what is sent from there.'),
  min: 1,
  max: 320,
});

const ofUnknown = {
  service: field.string({ label: t('Service'), help: t('As it is called in master.cf.'), min: 1, max: 30 }),
  next_hop: field
    .string({ label: t('Next hop'), help: t('What the service gets; empty for one that needs nothing.'), max: 100 })
    .default(''),
};

/** What one service asks for; undefined for one that nobody knows. */
export const shapeOf = (request: PageRequest, service: string | undefined): Shape => {
  const backend = service === undefined ? undefined : backendOf(request.context, service);
  return { pattern, ...(backend?.settings ?? ofUnknown) };
};

export interface Shown {
  readonly service: string | undefined;
  readonly title: Text;
  readonly submit: Text;
  readonly values: Readonly<Record<string, unknown>>;
}

export function formAnswer(request: PageRequest, shown: Shown, wrong?: Problem): PageAnswer {
  const backend = shown.service === undefined ? undefined : backendOf(request.context, shown.service);
  const form = request.context.get(forms).single(shapeOf(request, shown.service), {
    request,
    action: request.url.pathname,
    submit: shown.submit,
    cancel: LIST,
    values: shown.values,
    ...(wrong === undefined ? {} : { problem: wrong }),
  });
  const crumbs = [{ label: t('Transports'), href: LIST }, { label: shown.title }];
  const status = wrong === undefined ? undefined : wrong.kind === 'temporary' ? 503 : 422;
  const text = backend?.summary ?? t('A service of master.cf that Posthorn knows nothing about.');
  return view('host:form', shown.title, { form, crumbs, text }, status);
}

/** What was typed, as the service takes it. A secret that was left empty is absent. */
export function typedInput(request: PageRequest, service: string | undefined): TransportInput {
  const shape = shapeOf(request, service);
  const typed = Object.fromEntries(
    Object.entries(shape).flatMap(([name, schema]) => {
      const { kind } = fieldMeta(schema);
      const given = request.typed[name];
      if (kind === 'boolean') return [[name, given === undefined ? 'false' : String([given].flat().at(-1))]];
      return given === undefined || (given === '' && kind !== 'string') || (kind === 'secret' && given === '')
        ? []
        : [[name, given]];
    }),
  );
  const values = parseShape(shape, typed, { text: true, partial: service !== undefined });
  const { pattern: wanted = '', ...rest } = values as { readonly pattern?: string };
  if (service !== undefined && backendOf(request.context, service) !== undefined) {
    return { pattern: wanted, service, settings: rest };
  }
  return { pattern: wanted, ...(rest as { readonly service: string; readonly next_hop: string }) };
}

/** The values of an existing one. */
export const valuesOf = ({ pattern: text, service, next_hop, settings }: TransportView) => ({
  pattern: text,
  service,
  next_hop,
  ...settings,
});

/** The number in the address. */
export function idParam(request: PageRequest): number {
  const text = request.params.id ?? '';
  if (!/^[1-9]\d{0,9}$/.test(text)) throw problem('E_TRANSPORT_NOT_FOUND', { name: '?' });
  return Number(text);
}
