/** Parameters: one schema per extension and level, stored as one versioned row, edited as one form. */

import type { Actor } from './actor.js';
import type { ExtensionContext } from './context.js';
import type { FieldCondition, FormSection } from './contract/forms.js';
import type { Shape, Values } from './field.js';
import { hook } from './hook.js';
import type { Issue } from './problem.js';
import type { Text } from './text.js';

/** `global`: one row for the installation. `user`: one for each account. @public @since 1.0.0 */
export type ParameterLevel = 'global' | 'user';

type FieldOf<S extends Shape> = keyof S & string;
type Plain = Readonly<Record<string, unknown>>;

/** Shown and required only while another field of the form has one of these values. @public @since 1.0.0 */
export interface ParameterCondition<S extends Shape> extends FieldCondition {
  readonly field: FieldOf<S>;
}

/** A section of a parameter form. @public @since 1.0.0 */
export interface ParameterSection<S extends Shape> extends FormSection {
  /** Stands above it. */
  readonly title: Text;
  /** Stands below the title. */
  readonly text?: Text;
  /** Names of fields, in order. */
  readonly fields: readonly FieldOf<S>[];
  /** Of every field of the section that has no condition of its own. */
  readonly when?: ParameterCondition<S>;
}

/** Names a parameter form and types its values. @public @since 1.0.0 */
export interface ParameterRef<S extends Shape, L extends ParameterLevel = ParameterLevel> {
  readonly extension: string;
  readonly level: L;
  readonly shape: S;
  readonly title: Text;
  readonly sections: readonly ParameterSection<S>[];
  readonly conditions: Readonly<Record<string, FieldCondition>>;
  readonly version: number;
  readonly upgrade: Readonly<Record<number, (old: Plain) => Plain>>;
  /** Complaints about the values together. */
  readonly check?: (values: Values<S>) => readonly Issue[];
  readonly defaults?: (context: ExtensionContext) => Promise<Partial<Values<S>>> | Partial<Values<S>>;
  readonly when?: (actor: Actor, context: ExtensionContext) => Promise<boolean> | boolean;
  readonly '~values'?: (v: Values<S>) => Values<S>;
}

/** What `parameters` takes. Without `sections`, all fields stand in one under the title. @public @since 1.0.0 */
export interface ParameterOptions<S extends Shape, L extends ParameterLevel = ParameterLevel> {
  /** What the form is called. */
  readonly title: Text;
  readonly sections?: readonly ParameterSection<S>[];
  /** By field. */
  readonly conditions?: Readonly<Partial<Record<FieldOf<S>, ParameterCondition<S>>>>;
  /** Of the stored form, from 1 on. Raise it with what a stored value means, and say in `upgrade` how to get there. */
  readonly version?: number;
  /**
   * `{ 1: (old) => next }` makes a row of version 2 out of one of version 1. What it returns is the whole row: spread
   * `old` to keep the rest. Secrets are in clear in it. Runs when such a row is read, and the outcome is stored once.
   */
  readonly upgrade?: Readonly<Record<number, (old: Plain) => Plain>>;
  /** Complaints about the values together, before they are stored. */
  readonly check?: (values: Values<S>) => readonly Issue[];
  /** Defaults that depend on the installation; those of the fields stand where it says nothing, fails or is late. */
  readonly defaults?: (context: ExtensionContext) => Promise<Partial<Values<S>>> | Partial<Values<S>>;
  /** Level `user`: whose preferences have this form. Without it, everybody's. */
  readonly when?: L extends 'user' ? (actor: Actor, context: ExtensionContext) => Promise<boolean> | boolean : never;
}

/**
 * Every field needs a `.default(…)`: a parameter that was never set has a value all the same. Fields made by
 * `field.secret` are encrypted where they are stored and never shown.
 * @public @since 1.0.0
 */
export const parameters = <const S extends Shape, const L extends ParameterLevel>(
  extension: string,
  level: L,
  shape: S,
  o: ParameterOptions<S, L>,
): ParameterRef<S, L> => {
  const sections = o.sections ?? [{ title: o.title, fields: Object.keys(shape) }];
  return Object.freeze({
    extension,
    level,
    shape,
    title: o.title,
    sections,
    conditions: { ...conditionsOf(sections), ...(o.conditions as Record<string, FieldCondition> | undefined) },
    version: o.version ?? 1,
    upgrade: o.upgrade ?? {},
    ...(o.check === undefined ? {} : { check: o.check }),
    ...(o.defaults === undefined ? {} : { defaults: o.defaults }),
    ...(o.when === undefined ? {} : { when: o.when as NonNullable<ParameterRef<S>['when']> }),
  });
};

const conditionsOf = <S extends Shape>(
  sections: readonly ParameterSection<S>[],
): Readonly<Record<string, FieldCondition>> =>
  Object.fromEntries(
    sections.flatMap(({ fields, when }) => (when === undefined ? [] : fields.map((name) => [name, when] as const))),
  );

/**
 * Which parameters were changed; their values are read where they are needed, and secrets are in no event.
 * @public @since 1.0.0
 */
export interface ParametersChanged {
  /** Whose parameters they are. */
  readonly extension: string;
  /** Which form of that extension. */
  readonly level: ParameterLevel;
  /** Of level `user`: whose. */
  readonly account?: number;
  /** Names of fields. */
  readonly changed: readonly string[];
}

/**
 * Ordered per extension and account. For what has to follow a change: writing a file, telling a server.
 * @public @since 1.0.0
 */
export const parametersChanged = hook.signal<ParametersChanged>('host.parameters-changed@1', {
  subject: ({ extension, account }) => `host.parameters/${extension}/${account ?? 0}`,
});
