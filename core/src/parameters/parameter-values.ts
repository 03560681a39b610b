import type { ParameterRef, Shape, Values } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Stored } from './sealed-values.js';

export type Versioned = Pick<ParameterRef<Shape>, 'extension' | 'version' | 'upgrade'>;

/**
 * The stored values as the extension of today means them. Throws a `failure` problem that names the extension where its
 * upgrade fails or a step is missing. A row of a later version is taken as it is.
 */
export function upgraded(ref: Versioned, version: number, values: Stored): Stored {
  let now = values;
  for (let at = version; at < ref.version; at += 1) {
    const step = ref.upgrade[at];
    try {
      if (step === undefined) throw new Error(`there is no upgrade from version ${at}`);
      now = { ...step({ ...now }) };
    } catch (cause) {
      throw problem('E_PARAMETER_UPGRADE', { extension: ref.extension, from: version, to: ref.version }, { cause });
    }
  }
  return now;
}

/** What was never set, or no longer fits, has its default. */
export function withDefaults<S extends Shape>(ref: ParameterRef<S>, clear: Stored, computed: Stored): Values<S> {
  const out: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(ref.shape)) {
    const fitting = [clear, computed].flatMap((values) => {
      const given = Object.hasOwn(values, name) ? schema.safeParse(values[name]) : undefined;
      return given?.success === true ? [given.data] : [];
    });
    out[name] = fitting.length > 0 ? fitting[0] : schema.parse(undefined);
  }
  return out as Values<S>;
}

/** Names of the fields whose values differ. */
export const changedNames = (shape: Shape, before: Stored, after: Stored): readonly string[] =>
  Object.keys(shape).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
