/**
 * Fields: thin constructors over zod schemas with presentation data in `.meta()`. One schema gives the form, the
 * command's arguments, the CSV columns, the validation and the documentation. Any zod schema may be used instead.
 */
import { z } from 'zod';
import { type Issue, invalid } from './problem.js';
import { messages, plainText, type Text } from './text.js';

const t = messages('host');

export { z };

/** How a field is shown and read from text. @public @since 1.0.0 */
export type FieldKind =
  | 'boolean'
  | 'integer'
  | 'string'
  | 'text'
  | 'secret'
  | 'choice'
  | 'email'
  | 'hostname'
  | 'size'
  | 'list'
  | 'timestamp'
  | 'colour';

/** Presentation data of a field, kept beside the schema. @public @since 1.0.0 */
export interface FieldMeta {
  /** How it is shown. */
  readonly kind: FieldKind;
  /** What it is called. */
  readonly label: Text;
  /** Stands below it. */
  readonly help?: Text;
  /** Stands behind it. */
  readonly unit?: string;
  /** The values of a `choice`. */
  readonly choices?: readonly string[];
  /** What a choice is called where it is shown; its value otherwise. */
  readonly labels?: Readonly<Record<string, Text>>;
}

interface Common {
  readonly label: Text;
  readonly help?: Text;
}

declare module 'zod' {
  interface GlobalMeta {
    /** Presentation data put there by `field`. */
    posthorn?: FieldMeta;
  }
}

const described = <S extends z.ZodType>(schema: S, meta: FieldMeta): S =>
  schema.meta({ posthorn: meta, title: plainText(meta.label) }) as S;

const base = (kind: FieldKind, o: Common): FieldMeta => ({
  kind,
  label: o.label,
  ...(o.help === undefined ? {} : { help: o.help }),
});

// C0, DEL, C1 controls: never part of a name, an address or a title, and they break log lines and generated files.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// Bidirectional marks and overrides, and other invisible format characters that make one name look like another (UTR #36).
const INVISIBLE = /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** True when a single-line text holds no control and no invisible direction-changing character. @public @since 1.0.0 */
export const isPlainLine = (value: string): boolean =>
  !CONTROL.test(value) && !INVISIBLE.test(value) && value.isWellFormed();

const line = (max: number, min = 0) =>
  z.string().min(min).max(max).refine(isPlainLine, { message: 'must not contain control or invisible characters' });

/**
 * Makes fields: zod schemas that know how they are shown and typed. Each takes a `label`, and a `help` that stands below
 * it. `.optional()` and `.default(…)` work as in zod.
 * @public @since 1.0.0
 */
export const field = {
  boolean: (o: Common) => described(z.boolean(), base('boolean', o)),

  integer: (o: Common & { readonly min?: number; readonly max?: number; readonly unit?: string }) =>
    described(
      z
        .int()
        .min(o.min ?? Number.MIN_SAFE_INTEGER)
        .max(o.max ?? Number.MAX_SAFE_INTEGER),
      { ...base('integer', o), ...(o.unit === undefined ? {} : { unit: o.unit }) },
    ),

  /** One line of text, without control characters. `max` in UTF-16 code units, default 254. */
  string: (o: Common & { readonly min?: number; readonly max?: number; readonly pattern?: RegExp }) =>
    described(
      o.pattern === undefined ? line(o.max ?? 254, o.min) : line(o.max ?? 254, o.min).regex(o.pattern),
      base('string', o),
    ),

  /** Several lines of text. Tab, CR and LF are allowed, other control characters are not. */
  text: (o: Common & { readonly max?: number }) =>
    described(
      z
        .string()
        .max(o.max ?? 10_000)
        .refine((v) => isPlainLine(v.replace(/[\t\r\n]/g, '')), {
          message: 'must not contain control or invisible characters',
        }),
      base('text', o),
    ),

  /** A value that is written and never shown again. */
  secret: (o: Common & { readonly max?: number }) => described(z.string().max(o.max ?? 1024), base('secret', o)),

  choice: <const C extends readonly [string, ...string[]]>(
    o: Common & { readonly choices: C; readonly labels?: Readonly<Record<C[number], Text>> },
  ) =>
    described(z.enum(o.choices), {
      ...base('choice', o),
      choices: o.choices,
      ...(o.labels === undefined ? {} : { labels: o.labels }),
    }),

  /** An address as a person types it; the owner of the address decides what is valid. */
  email: (o: Common) => described(line(320, 1), base('email', o)),

  /** A DNS name (RFC 1123 section 2.1), ASCII or Unicode. */
  hostname: (o: Common) => described(line(255, 1), base('hostname', o)),

  /**
   * A size in megabytes (MiB). Text input takes a unit: `500`, `500 MB`, `2G`, `1.5 GiB`, `0` (the field says what 0
   * means).
   * `maxMegabytes` defaults to 2^31-1, what the columns hold.
   */
  size: (o: Common & { readonly maxMegabytes?: number }) =>
    described(
      z
        .int()
        .min(0)
        .max(o.maxMegabytes ?? 2_147_483_647),
      { ...base('size', o), unit: 'MB' },
    ),

  /** Repeated values, in order, duplicates dropped. */
  list: <S extends z.ZodType<string>>(item: S, o: Common & { readonly max?: number }) =>
    described(
      z
        .array(item)
        .max(o.max ?? 1_000)
        .transform((all) => [...new Set(all)]),
      base('list', o),
    ),

  /** A colour as `#rrggbb`. Forms show white text on it. */
  colour: (o: Common) => described(z.string().regex(/^#[0-9a-f]{6}$/i), base('colour', o)),

  /** A moment, ISO 8601; without an offset it is UTC. */
  timestamp: (o: Common) => described(z.date(), base('timestamp', o)),
} as const;

/** Fields by name: the shape of a form, of arguments, of a row. @public @since 1.0.0 */
export type Shape = Readonly<Record<string, z.ZodType>>;
/** What a shape holds once it is checked. Optional fields may be missing. @public @since 1.0.0 */
export type Values<S extends Shape> = {
  -readonly [K in keyof S as undefined extends z.output<S[K]> ? never : K]: z.output<S[K]>;
} & {
  -readonly [K in keyof S as undefined extends z.output<S[K]> ? K : never]?: z.output<S[K]>;
};

/**
 * The presentation data of a field, looked for through `.optional()`, `.default()`, `.nullable()`: for those who read
 * shapes that others give, as to know which fields are secrets.
 * @public @since 1.0.0
 */
export function fieldMeta(schema: z.ZodType): FieldMeta {
  let at: z.ZodType | undefined = schema;
  while (at !== undefined) {
    const meta = at.meta()?.posthorn;
    if (meta !== undefined) return meta;
    at = (at as unknown as { def: { innerType?: z.ZodType } }).def.innerType;
  }
  return { kind: 'string', label: '' };
}

/** Whether leaving the field out is accepted. @internal @since 1.0.0 */
export const isOptional = (schema: z.ZodType): boolean => schema.safeParse(undefined).success;

/** A fraction needs its unit. */
const SIZE = /^(\d{1,15}(?:\.\d{1,6}(?=\s*[kmgt]))?)\s*([kmgt]?)(?:i?b)?$/i;
const PER_MEGABYTE: Readonly<Record<string, number>> = { k: 1 / 1024, m: 1, g: 1024, t: 1024 * 1024 };

/** `2G`, `2 GB`, `2GiB` → 2048; `1.5G` → 1536. Megabytes are whole, so anything less rounds up. Returns undefined for anything else. @public @since 1.0.0 */
export function parseSize(text: string): number | undefined {
  const found = SIZE.exec(text.trim());
  if (found === null) return undefined;
  const unit = (found[2] ?? '').toLowerCase() || 'm';
  return Math.ceil(Number(found[1]) * (PER_MEGABYTE[unit] ?? 1));
}

const TRUE = new Set(['true', 'yes', 'on', '1']);
const FALSE = new Set(['false', 'no', 'off', '0']);
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * Turns what a person typed into what the schema expects; what cannot be turned is left for the schema to refuse.
 * @internal @since 1.0.0
 */
export function fromText(schema: z.ZodType, raw: unknown): unknown {
  const { kind } = fieldMeta(schema);
  if (kind === 'list') return raw === undefined ? undefined : Array.isArray(raw) ? raw : [raw];
  if (typeof raw !== 'string') return raw;
  const text = raw.trim();
  switch (kind) {
    case 'boolean':
      return TRUE.has(text.toLowerCase()) ? true : FALSE.has(text.toLowerCase()) ? false : raw;
    case 'integer':
      return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : raw;
    case 'size':
      return parseSize(text) ?? raw;
    case 'timestamp': {
      const iso = ISO.exec(text);
      if (iso === null) return raw;
      const withZone = iso[1] !== undefined ? text : text.length === 10 ? `${text}T00:00:00Z` : `${text}Z`;
      const at = new Date(withZone.replace(' ', 'T'));
      return Number.isNaN(at.getTime()) ? raw : at;
    }
    default:
      return raw;
  }
}

/** How `parseShape` reads its input. @public @since 1.0.0 */
export interface ParseOptions {
  /** The input is text (a form, a command line, a CSV row): numbers, booleans, sizes and dates are read from it. */
  readonly text?: boolean;
  /** Only the fields present are checked and returned. */
  readonly partial?: boolean;
}

/**
 * Checks `raw` against a shape. Unknown fields are refused by name. Throws one `invalid` problem with every issue.
 * @public @since 1.0.0
 */
export function parseShape<S extends Shape>(
  shape: S,
  raw: Readonly<Record<string, unknown>>,
  o: ParseOptions = {},
): Values<S> {
  const issues: Issue[] = [];
  const out: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(shape, name)) issues.push({ path: name, message: t('is not a known field') });
  }
  for (const [name, schema] of Object.entries(shape)) {
    const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (given === undefined && o.partial === true) continue;
    // JSON has no moments of its own: they come as text there too.
    const isText = o.text === true || fieldMeta(schema).kind === 'timestamp';
    const result = schema.safeParse(isText ? fromText(schema, given) : given);
    if (result.success) {
      if (result.data !== undefined) out[name] = result.data;
    } else {
      for (const issue of result.error.issues) {
        const path = [name, ...issue.path.map(String)].join('.');
        issues.push({ path, message: given === undefined ? t('is required') : issue.message });
      }
    }
  }
  if (issues.length > 0) throw invalid(issues);
  return { ...out } as Values<S>;
}
