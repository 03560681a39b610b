import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Shape, Values } from '../field.js';
import type { Issue } from '../problem.js';
import { type Contribution, contribute, type SlotRef } from '../slot.js';
import type { Text } from '../text.js';

/**
 * Whose form this is and what it is about. `subject` is undefined while the thing is being made.
 * @public @since 1.0.0
 */
export interface FormScope<Subject> {
  /** Who fills it in. */
  readonly actor: Actor;
  /** What it is about. */
  readonly subject: Subject | undefined;
  /** The extension's own way to the host. */
  readonly context: ExtensionContext;
}

/** One section of a tab; fields that stand in none come last. @public @since 1.0.0 */
export interface FormSection {
  /** Stands above it. */
  readonly title: Text;
  /** Stands below the title. */
  readonly text?: Text;
  /** Names of fields, in order. */
  readonly fields: readonly string[];
}

/** Show a field only while another has one of these values. @public @since 1.0.0 */
export interface FieldCondition {
  /** Its name. */
  readonly field: string;
  /** Its values. */
  readonly is: readonly (string | boolean)[];
}

/**
 * Take a tab or a step only while a field of an earlier one has one of these values, as it was typed.
 * @public @since 1.0.0
 */
export interface StepCondition extends FieldCondition {
  /** The id of the earlier one. */
  readonly step: string;
}

/**
 * A tab of somebody's form. All visible tabs are loaded, shown and saved together: all in one transaction, or none. A tab
 * whose `load` fails is shown as an error and its data is left alone.
 * @public @since 1.0.0
 */
export interface FormTab<Subject> {
  /** Unique within the form and the extension. */
  readonly id: string;
  /** Stands on the tab. */
  readonly title: Text;
  /** Its fields. */
  readonly shape: Shape;
  readonly sections: readonly FormSection[];
  readonly conditions: Readonly<Record<string, FieldCondition>>;
  /**
   * While it does not hold, the tab is not read, not checked and not saved, whatever was sent for it. One that looks at no
   * field of an earlier tab is reported, and the tab counts.
   */
  readonly onlyIf?: StepCondition;
  /** Whether this person sees it. */
  when(scope: FormScope<Subject>): boolean;
  /** The present values, under the names of the shape; undefined where there is no such tab for this person after all. */
  load(scope: FormScope<Subject>): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Its values may change without the subject: they are part of the form's version, so that nobody saves older ones over
   * them unseen.
   */
  readonly isVersioned?: boolean;
  /** Complaints that the shape cannot know. Without effects: it may be called without a save. */
  validate(values: Readonly<Record<string, unknown>>, scope: FormScope<Subject>): Promise<readonly Issue[]>;
  /** Runs inside the form's transaction. What the owner's own tab returns becomes the subject of the later ones. */
  save(values: Readonly<Record<string, unknown>>, scope: FormScope<Subject>): Promise<Subject | undefined>;
}

/**
 * A step of somebody's wizard: a form whose tabs are gone through one after another and saved together at the end.
 * @public @since 1.0.0
 */
export type WizardStep<Subject> = FormTab<Subject>;

/**
 * What `formTab` and `wizardStep` take. `shape` types the values; `when` left out means always.
 * @public @since 1.0.0
 */
export interface FormTabDefinition<Subject, S extends Shape> {
  readonly id: string;
  readonly title: Text;
  readonly shape: S;
  readonly sections?: readonly (Omit<FormSection, 'fields'> & { readonly fields: readonly (keyof S & string)[] })[];
  readonly conditions?: Readonly<Partial<Record<keyof S & string, FieldCondition>>>;
  readonly onlyIf?: StepCondition;
  when?(scope: FormScope<Subject>): boolean;
  load(scope: FormScope<Subject>): Promise<Partial<Values<S>> | undefined>;
  readonly isVersioned?: boolean;
  validate?(values: Values<S>, scope: FormScope<Subject>): Promise<readonly Issue[]> | readonly Issue[];
  save(values: Values<S>, scope: FormScope<Subject>): Promise<Subject | undefined>;
}

/** Contributes a tab to a form's slot: `formTab(editor, { id, title, shape, load, save })`. @public @since 1.0.0 */
export const formTab = <Subject, const S extends Shape>(
  to: SlotRef<FormTab<Subject>>,
  tab: FormTabDefinition<Subject, S>,
  o: { readonly order?: number } = {},
): Contribution => contribute<FormTab<Subject>>(to, tabOf(tab), o);

/**
 * Contributes a step to a wizard's slot. It takes what `formTab` takes, so that one definition serves the form that makes
 * a thing and the one that changes it.
 * @public @since 1.0.0
 */
export const wizardStep = <Subject, const S extends Shape>(
  to: SlotRef<WizardStep<Subject>>,
  step: FormTabDefinition<Subject, S>,
  o: { readonly order?: number } = {},
): Contribution => contribute<WizardStep<Subject>>(to, tabOf(step), o);

const tabOf = <Subject, S extends Shape>(tab: FormTabDefinition<Subject, S>): FormTab<Subject> => ({
  id: tab.id,
  title: tab.title,
  shape: tab.shape,
  sections: tab.sections ?? [],
  conditions: (tab.conditions ?? {}) as Readonly<Record<string, FieldCondition>>,
  ...(tab.onlyIf === undefined ? {} : { onlyIf: tab.onlyIf }),
  when: tab.when ?? (() => true),
  load: tab.load as FormTab<Subject>['load'],
  isVersioned: tab.isVersioned ?? false,
  validate: async (values, scope) => (await tab.validate?.(values as Values<S>, scope)) ?? [],
  save: tab.save as unknown as FormTab<Subject>['save'],
});
