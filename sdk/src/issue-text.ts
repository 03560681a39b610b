import type { z } from 'zod';
import type { FieldMeta } from './field.js';
import { messages, type Text } from './text.js';

const t = messages('host');

/** What the constructors of the SDK say by themselves; these sentences are in the host's catalogue. */
const OURS = new Set(['must not contain control or invisible characters']);

const REQUIRED = t('is required');

/** The catalogue of an extension's own sentences. */
const catalogOf = (extension: string) => messages(extension === 'core' ? 'host' : extension);

/**
 * zod's complaint in words for whoever filled in a field, translatable. `from` is the extension whose sentences are in the
 * schema.
 * @internal @since 1.0.0
 */
export function issueText(issue: z.core.$ZodIssue, meta: FieldMeta, from: string): Text {
  const said = issue as z.core.$ZodIssue & { readonly origin?: string };
  switch (said.code) {
    case 'too_small':
      return said.origin === 'string'
        ? Number(said.minimum) <= 1
          ? REQUIRED
          : t(
              { one: 'must have at least {{count}} character', other: 'must have at least {{count}} characters' },
              { count: Number(said.minimum) },
            )
        : said.origin === 'array'
          ? t(
              { one: 'must have at least {{count}} line', other: 'must have at least {{count}} lines' },
              { count: Number(said.minimum) },
            )
          : t('must be {{min}} or more', { min: limit(said.minimum) });
    case 'too_big':
      return said.origin === 'string'
        ? t(
            { one: 'must have at most {{count}} character', other: 'must have at most {{count}} characters' },
            { count: Number(said.maximum) },
          )
        : said.origin === 'array'
          ? t(
              { one: 'must have at most {{count}} line', other: 'must have at most {{count}} lines' },
              { count: Number(said.maximum) },
            )
          : t('must be {{max}} or less', { max: limit(said.maximum) });
    case 'invalid_type':
      if (meta.kind === 'integer') return t('must be a whole number');
      if (meta.kind === 'size') return t('must be a size, like 500 MB, 2G or 1.5 GiB');
      if (meta.kind === 'timestamp') return t('must be a date and time');
      return t('is not valid');
    case 'invalid_value':
      return t('is not one of the choices');
    case 'invalid_format':
      return t('has not the right form');
    case 'custom':
      return OURS.has(said.message) ? t(said.message) : catalogOf(from)(said.message);
    default:
      return catalogOf(from)(said.message);
  }
}

const limit = (value: unknown): number | string =>
  typeof value === 'number' ? value : typeof value === 'bigint' ? String(value) : String(value);
