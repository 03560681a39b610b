import { type Command, fieldMeta, isOptional, plainText, type Shape, type z } from '@posthorn/sdk';
import { Argument, Option, type Command as Program } from 'commander';

const kebab = (name: string): string => name.replaceAll('_', '-');
/** commander's key for `--time-zone`. */
const camel = (name: string): string => kebab(name).replace(/-([a-z0-9])/g, (_, c: string) => c.toUpperCase());

/** Switches that come as a pair of their own and need no `--no-` form. */
const PLAIN_SWITCHES = new Set(['enable', 'disable', 'force', 'dry_run', 'per_row', 'with_dependents']);

const describe = (schema: z.ZodType): string => {
  const meta = fieldMeta(schema);
  if (meta.kind === 'boolean' && meta.help !== undefined) return plainText(meta.help);
  const help = meta.help === undefined ? '' : ` ${plainText(meta.help)}`;
  const unit = meta.unit === undefined || meta.kind === 'size' ? '' : ` (${meta.unit})`;
  return `${plainText(meta.label)}${unit}.${help}`;
};

const placeholder = (name: string, schema: z.ZodType): string => {
  const meta = fieldMeta(schema);
  if (meta.choices !== undefined) return meta.choices.join('|');
  return meta.kind === 'size'
    ? 'size'
    : meta.kind === 'integer'
      ? 'n'
      : meta.kind === 'timestamp'
        ? 'date'
        : (kebab(name).split('-').at(-1) ?? 'value');
};

/** Declares a command's fields as commander arguments and options. */
export function declareInput(program: Program, c: Command): void {
  for (const name of c.positional) {
    const schema = c.input[name] as z.ZodType;
    const isList = fieldMeta(schema).kind === 'list';
    const label = `${kebab(name)}${isList ? '...' : ''}`;
    program.addArgument(new Argument(isOptional(schema) ? `[${label}]` : `<${label}>`, describe(schema)));
  }
  for (const [name, schema] of Object.entries(c.input)) {
    if (c.positional.includes(name)) continue;
    const meta = fieldMeta(schema);
    const flag = `--${kebab(name)}`;
    if (meta.kind === 'boolean') {
      program.addOption(new Option(flag, describe(schema)));
      if (!PLAIN_SWITCHES.has(name)) program.addOption(new Option(`--no-${kebab(name)}`).hideHelp());
      continue;
    }
    const option = new Option(`${flag} <${placeholder(name, schema)}>`, describe(schema));
    if (meta.kind === 'list') option.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
    if (meta.choices !== undefined) option.choices(meta.choices);
    if (!isOptional(schema)) option.makeOptionMandatory();
    program.addOption(option);
  }
}

/** What commander parsed, under the fields' own names. `--no-x` stands only where it was typed. */
export function collectInput(program: Program, c: Command): Record<string, unknown> {
  const raw: Record<string, unknown> = {};
  c.positional.forEach((name, i) => {
    const value = program.processedArgs[i] as unknown;
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) raw[name] = value;
  });
  const options = program.opts<Record<string, unknown>>();
  for (const name of Object.keys(c.input)) {
    if (c.positional.includes(name)) continue;
    const key = camel(name);
    if (program.getOptionValueSource(key) !== 'cli') continue;
    raw[name] = options[key];
  }
  return raw;
}

/** Fields whose values must not be repeated in an error message. */
export const secretFields = (shape: Shape): readonly string[] =>
  Object.entries(shape)
    .filter(([, schema]) => fieldMeta(schema).kind === 'secret')
    .map(([name]) => name);
