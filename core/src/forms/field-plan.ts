import { type FieldKind, type FieldMeta, fieldMeta, type Shape, z } from '@posthorn/sdk';

/** What the browser may check before the form is sent; the schema decides. */
export interface FieldLimits {
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
}

/** One field of a shape as the forms engine sees it; made once per shape. */
export interface FieldPlan {
  readonly name: string;
  /** Carries presentation data even where its author gave none. */
  readonly schema: z.ZodType;
  readonly meta: FieldMeta;
  readonly limits: FieldLimits;
  /** Whether an empty input is a mistake. */
  readonly isRequired: boolean;
  /** What an empty input means; `refused` where the schema takes nothing of the kind. */
  readonly empty: { readonly value: unknown } | 'refused';
  /** Whether there may be no value at all, not even a default. */
  readonly isClearable: boolean;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

const plans = new WeakMap<Shape, readonly FieldPlan[]>();

/** The fields of a shape in their order. Deriving them costs a JSON schema per field, so it is done once. */
export function fieldPlans(shape: Shape): readonly FieldPlan[] {
  let found = plans.get(shape);
  if (found === undefined) {
    found = Object.entries(shape).map(([name, schema]) => planOf(name, schema));
    plans.set(shape, found);
  }
  return found;
}

function planOf(name: string, given: z.ZodType): FieldPlan {
  const json = jsonSchema(given);
  const known = fieldMeta(given);
  // A bare zod schema has no presentation data: its JSON schema says how to ask for it, its name has to be the label.
  const hasMeta = known.label !== '' || known.kind !== 'string';
  const meta: FieldMeta = hasMeta ? known : { ...guess(json), label: name };
  const schema = hasMeta ? given : given.meta({ posthorn: meta });
  const isClearable = standsForNothing(schema, undefined) || standsForNothing(schema, null);
  const empty = emptyOf(schema, meta);
  const isRequired = meta.kind !== 'boolean' && empty === 'refused';
  return { name, schema, meta, limits: limitsOf(json, meta.kind), isRequired, empty, isClearable };
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  try {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
    // `.nullable()` writes a choice of two; the limits stand in the one that is not null
    return json.anyOf?.find((s) => s.type !== 'null') ?? json;
  } catch {
    return {};
  }
}

function guess(json: JsonSchema): { readonly kind: FieldKind; readonly choices?: readonly string[] } {
  if (json.enum?.every((v) => typeof v === 'string') === true)
    return { kind: 'choice', choices: json.enum as string[] };
  switch (json.type) {
    case 'boolean':
      return { kind: 'boolean' };
    case 'integer':
    case 'number':
      return { kind: 'integer' };
    case 'array':
      return { kind: 'list' };
    default:
      return { kind: 'string' };
  }
}

function limitsOf(json: JsonSchema, kind: FieldKind): FieldLimits {
  const { minimum, maximum, maxLength } = json;
  return {
    ...(kind === 'integer' && minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? { min: minimum } : {}),
    ...(kind === 'integer' && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? { max: maximum } : {}),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
}

/**
 * An empty input stands for nothing where the field may be left out, else for the empty text or list where the schema
 * takes it, else for the default.
 */
function emptyOf(schema: z.ZodType, meta: FieldMeta): FieldPlan['empty'] {
  if (meta.kind === 'choice' && meta.choices?.includes('') === true) return { value: '' };
  if (standsForNothing(schema, undefined)) return { value: undefined };
  if (standsForNothing(schema, null)) return { value: null };
  const blank = meta.kind === 'list' ? [] : isLetters(meta.kind) ? '' : undefined;
  if (schema.safeParse(blank).success) return { value: blank };
  return schema.safeParse(undefined).success ? { value: undefined } : 'refused';
}

function standsForNothing(schema: z.ZodType, nothing: undefined | null): boolean {
  const result = schema.safeParse(nothing);
  return result.success && result.data === nothing;
}

const isLetters = (kind: FieldKind): boolean =>
  kind === 'string' ||
  kind === 'text' ||
  kind === 'secret' ||
  kind === 'email' ||
  kind === 'hostname' ||
  kind === 'colour';
