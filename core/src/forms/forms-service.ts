import type {
  Contributed,
  ExtensionContext,
  FieldCondition,
  FormModel,
  FormOutcome,
  FormRequest,
  FormSection,
  Forms,
  FormTab,
  Problem,
  Shape,
  SlotRef,
  Values,
  WizardStep,
} from '@posthorn/sdk';
import { TabContexts } from './extension-call.js';
import { type FormDeadlines, FormSession } from './form-session.js';
import { saveForm } from './save-form.js';
import { singleForm } from './single-form.js';

const DEADLINES: FormDeadlines = { load: 5_000, save: 15_000 };

/** The service `host.forms`: forms whose tabs several extensions bring, and forms of one shape. */
export class FormsService implements Forms {
  readonly #contexts: TabContexts;

  constructor(
    private readonly context: ExtensionContext,
    private readonly deadlines: FormDeadlines = DEADLINES,
  ) {
    this.#contexts = new TabContexts(context);
  }

  show<Subject>(tabs: SlotRef<FormTab<Subject>>, o: FormRequest<Subject>): Promise<FormModel> {
    return this.showTabs(tabs, this.context.items(tabs), o);
  }

  save<Subject>(tabs: SlotRef<FormTab<Subject>>, o: FormRequest<Subject>): Promise<FormOutcome<Subject>> {
    return this.saveTabs(tabs, this.context.items(tabs), o);
  }

  showSteps<Subject>(steps: SlotRef<WizardStep<Subject>>, o: FormRequest<Subject>): Promise<FormModel> {
    return this.#session(steps.id, this.context.items(steps), o, 'steps').model();
  }

  saveSteps<Subject>(steps: SlotRef<WizardStep<Subject>>, o: FormRequest<Subject>): Promise<FormOutcome<Subject>> {
    return this.#save(this.#session(steps.id, this.context.items(steps), o, 'steps'));
  }

  /** For forms of the kernel whose tabs nobody contributes; the slot gives them their name. */
  showTabs<Subject>(
    slot: SlotRef<FormTab<Subject>>,
    tabs: readonly Contributed<FormTab<Subject>>[],
    o: FormRequest<Subject>,
  ): Promise<FormModel> {
    return this.#session(slot.id, tabs, o, 'tabs').model();
  }

  saveTabs<Subject>(
    slot: SlotRef<FormTab<Subject>>,
    tabs: readonly Contributed<FormTab<Subject>>[],
    o: FormRequest<Subject>,
  ): Promise<FormOutcome<Subject>> {
    return this.#save(this.#session(slot.id, tabs, o, 'tabs'));
  }

  single<S extends Shape>(
    shape: S,
    o: Omit<FormRequest<never>, 'subject'> & {
      readonly values: Partial<Values<S>>;
      readonly sections?: readonly FormSection[];
      readonly conditions?: Readonly<Partial<Record<keyof S & string, FieldCondition>>>;
      readonly problem?: Problem;
    },
  ): FormModel {
    return singleForm(shape, o);
  }

  #save<Subject>(session: FormSession<Subject>): Promise<FormOutcome<Subject>> {
    return saveForm(session, (work) => this.context.data.write((em) => work(() => em.flush())), this.deadlines);
  }

  #session<Subject>(
    slotId: string,
    tabs: readonly Contributed<WizardStep<Subject>>[],
    o: FormRequest<Subject>,
    layout: FormModel['layout'],
  ): FormSession<Subject> {
    return new FormSession(this.context, this.#contexts, this.deadlines, slotId, tabs, o, layout);
  }
}
