/** Parameters: one schema per extension and level, stored as one versioned row, edited as one form. */

import type { Shape, Values } from './field.js';
import type { Issue } from './problem.js';
import type { Text } from './text.js';

export interface ParameterSection<S extends Shape> {
  readonly title: Text;
  readonly fields: readonly (keyof S & string)[];
}

export interface ParameterRef<S extends Shape> {
  readonly extension: string;
  readonly level: 'global' | 'user';
  readonly shape: S;
  readonly title: Text;
  readonly sections: readonly ParameterSection<S>[];
  readonly version: number;
  /** Complaints about the values together. */
  readonly check?: (values: Values<S>) => readonly Issue[];
  readonly '~values'?: (v: Values<S>) => Values<S>;
}

export interface ParameterOptions<S extends Shape> {
  readonly title: Text;
  readonly sections?: readonly ParameterSection<S>[];
  readonly version?: number;
  readonly check?: (values: Values<S>) => readonly Issue[];
}

/** Every field needs a `.default(…)`: a parameter that was never set has a value all the same. */
export const parameters = <const S extends Shape>(
  extension: string,
  level: 'global' | 'user',
  shape: S,
  o: ParameterOptions<S>,
): ParameterRef<S> =>
  Object.freeze({
    extension,
    level,
    shape,
    title: o.title,
    sections: o.sections ?? [{ title: o.title, fields: Object.keys(shape) }],
    version: o.version ?? 1,
    ...(o.check === undefined ? {} : { check: o.check }),
  });
