import {
  type Contribution,
  command,
  field,
  fieldMeta,
  isProblem,
  messages,
  type ParameterRef,
  type Printable,
  plainText,
  type Shape,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';

const t = messages('host');
const NAME = field.string({ label: t('Parameter'), help: t('As EXTENSION.NAME.'), max: 120 });

type AnyForm = ParameterRef<Shape>;

const forms = (kernel: Kernel): readonly AnyForm[] =>
  kernel.generation.order
    .flatMap((d) => (d.parameters ?? []) as unknown as readonly AnyForm[])
    .filter((f) => f.level === 'global');

function findForm(kernel: Kernel, name: string): { readonly form: AnyForm; readonly key: string } {
  const dot = name.indexOf('.');
  const key = name.slice(dot + 1);
  const form = forms(kernel).find(
    (f) => f.extension === name.slice(0, Math.max(dot, 0)) && Object.hasOwn(f.shape, key),
  );
  if (form === undefined) throw problem('E_PARAMETER_NOT_FOUND', { name }, { field: 'name' });
  return { form, key };
}

/** Secrets are written, never read back. */
function shown(form: AnyForm, key: string, value: unknown): Printable {
  const schema = form.shape[key];
  if (schema !== undefined && fieldMeta(schema).kind === 'secret')
    return value === '' || value === undefined ? 'not set' : 'set';
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : ((value ?? null) as Printable);
}

export const parameterCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'parameter',
    verb: 'list',
    summary: t('Show every parameter with its value'),
    examples: ['parameter list', 'parameter list --json'],
    permission: 'core.manage_parameters',
    input: {},
    run: async (_, c) => {
      const rows = [];
      for (const form of forms(kernel())) {
        let values: Record<string, unknown>;
        try {
          values = (await kernel().parameters.read(form)) as Record<string, unknown>;
        } catch (error) {
          if (!isProblem(error) || error.kind !== 'failure') throw error;
          // one extension's trouble is no reason to show nothing of the others
          c.out.warn(error.text);
          continue;
        }
        for (const [key, schema] of Object.entries(form.shape)) {
          const meta = fieldMeta(schema);
          rows.push({
            name: `${form.extension}.${key}`,
            value: shown(form, key, values[key]),
            kind: meta.kind,
            label: plainText(meta.label),
          });
        }
      }
      await c.out.list(rows);
    },
  }),
  command({
    noun: 'parameter',
    verb: 'get',
    summary: t('Show the value of one parameter'),
    examples: ['parameter get core.password_scheme'],
    permission: 'core.manage_parameters',
    positional: ['name'],
    input: { name: NAME },
    run: async ({ name }, c) => {
      const { form, key } = findForm(kernel(), name);
      const values = (await kernel().parameters.read(form)) as Record<string, unknown>;
      c.out.item({ name, value: shown(form, key, values[key]) });
    },
  }),
  command({
    noun: 'parameter',
    verb: 'set',
    summary: t('Change one parameter'),
    description: t(
      'Serving processes read the new value within a second; nothing is restarted. A value of - is read from standard input.',
    ),
    examples: ['parameter set core.password_scheme sha512crypt'],
    permission: 'core.manage_parameters',
    positional: ['name', 'value'],
    input: { name: NAME, value: field.text({ label: t('Value'), max: 10_000 }) },
    run: async ({ name, value }, c) => {
      const { form, key } = findForm(kernel(), name);
      const given = value === '-' ? await c.readSecret('-') : value;
      const values = (await kernel().parameters.write(form, { [key]: given }, { text: true })) as Record<
        string,
        unknown
      >;
      c.out.item({ name, value: shown(form, key, values[key]) });
    },
  }),
];
