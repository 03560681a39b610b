import type { FieldKind, Shape, Values } from '../field.js';
import type { Problem } from '../problem.js';
import { service } from '../service.js';
import type { SlotRef } from '../slot.js';
import type { Text } from '../text.js';
import type { FieldCondition, FormSection, FormTab, WizardStep } from './forms.js';
import type { PageRequest } from './pages.js';

/**
 * A form ready to be shown: plain data, every sentence in the reader's language. `it.ui.form(model)` draws it.
 * @public @since 1.0.0
 */
export interface FormModel {
  /** Where it is sent, by POST. */
  readonly action: string;
  readonly submit: string;
  readonly cancel: string;
  /** `steps` are gone through one after another. */
  readonly layout: 'tabs' | 'steps';
  /** Of the subject when it was loaded; a save with an older one shows both values. Empty where nothing can conflict. */
  readonly version: string;
  readonly tabs: readonly FormModelTab[];
  /** Every mistake at once, linked to its field. */
  readonly issues: readonly { readonly fieldId: string; readonly label: string; readonly message: string }[];
  /** Somebody else saved meanwhile. */
  readonly isConflict: boolean;
}

/** A tab or step ready to be shown. @public @since 1.0.0 */
export interface FormModelTab {
  readonly id: string;
  readonly title: string;
  /** The extension it comes from. */
  readonly from: string;
  /** It could not be loaded: shown instead of the fields, and not saved. */
  readonly failure: string | undefined;
  readonly hasIssues: boolean;
  /** Of a step; names the field as it is sent. */
  readonly condition: FieldCondition | undefined;
  readonly sections: readonly {
    readonly title: string;
    readonly text: string;
    readonly fields: readonly FieldModel[];
  }[];
}

/** A field ready to be shown. @public @since 1.0.0 */
export interface FieldModel {
  /** Unique on the page. */
  readonly id: string;
  /** As it is sent: `<tab>.<field>`. */
  readonly name: string;
  readonly kind: FieldKind;
  readonly label: string;
  readonly help: string;
  readonly unit: string;
  /** Text as it stands in the input; a list has one per line; a boolean is `true` or `false`. */
  readonly value: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly isRequired: boolean;
  /** Of a secret: there is one, which is not shown. An empty input keeps it; a box named `clears` takes it away. */
  readonly isSet?: boolean;
  /** Of a secret that may be taken away: the name of the box that does. */
  readonly clears?: string;
  readonly error: string;
  /** In a conflict: what is stored now. */
  readonly theirs: string | undefined;
  readonly condition: FieldCondition | undefined;
}

/**
 * Which form is shown or saved: the request, what it is about, where it is sent. `cancel` is a path.
 * @public @since 1.0.0
 */
export interface FormRequest<Subject> {
  /** The request that shows or sends it. */
  readonly request: PageRequest;
  /** What it is about; undefined while that is made. */
  readonly subject: Subject | undefined;
  /** Where it is sent. */
  readonly action: string;
  /** Stands on the button. */
  readonly submit: Text;
  /** Where the way out leads: a path of ours. */
  readonly cancel: string;
  /** The subject's version now, for instance its last modification; compared with the one that was sent. */
  readonly version?: string;
  /**
   * The subject and its version once more, asked for inside the transaction that saves. It must keep others from changing
   * them until that ends (a row locked `for update`; SQLite has one writer anyway). Without it, of two saves at the same
   * moment both may win.
   */
  current?(): Promise<{ readonly subject: Subject; readonly version: string }>;
}

/** What became of a form that was sent. @public @since 1.0.0 */
export type FormOutcome<Subject> =
  | { readonly isSaved: true; readonly subject: Subject | undefined }
  /**
   * Show `form` again with this status: 422 for mistakes, 409 for a conflict, 503 where the same may go well later, 200
   * where a wizard only asked whether its steps are right so far, and they are.
   */
  | { readonly isSaved: false; readonly form: FormModel; readonly status: 200 | 409 | 422 | 503 };

/**
 * One form whose tabs come from several extensions, or one that a page makes of a single shape.
 * @public @since 1.0.0
 */
export interface Forms {
  /** The form as it is now, ready to be drawn. A tab that cannot be loaded is part of it, with the reason. */
  show<Subject>(tabs: SlotRef<FormTab<Subject>>, o: FormRequest<Subject>): Promise<FormModel>;
  /**
   * Reads every visible tab of what was sent, validates all, and saves all in one transaction. A tab that fails rolls
   * everything back and is named; what was typed is kept.
   */
  save<Subject>(tabs: SlotRef<FormTab<Subject>>, o: FormRequest<Subject>): Promise<FormOutcome<Subject>>;
  /** As `show`, for a wizard: steps whose condition does not hold yet are part of the form. */
  showSteps<Subject>(steps: SlotRef<WizardStep<Subject>>, o: FormRequest<Subject>): Promise<FormModel>;
  /**
   * As `save`, for a wizard. The steps are saved in their order, after the owner's first, which makes the subject. Where
   * what was sent names a step in `_step`, the steps up to that one are checked and nothing is saved.
   */
  saveSteps<Subject>(steps: SlotRef<WizardStep<Subject>>, o: FormRequest<Subject>): Promise<FormOutcome<Subject>>;
  /** A form of one shape. Give the problem of a failed attempt to show its issues and what was typed. */
  single<S extends Shape>(
    shape: S,
    o: Omit<FormRequest<never>, 'subject'> & {
      readonly values: Partial<Values<S>>;
      readonly sections?: readonly FormSection[];
      readonly conditions?: Readonly<Partial<Record<keyof S & string, FieldCondition>>>;
      readonly problem?: Problem;
    },
  ): FormModel;
}
/** Shows and saves forms. Provided by the kernel. @public @since 1.0.0 */
export const forms = service<Forms>('host.forms@1');
