import { createHash } from 'node:crypto';
import {
  type FormModel,
  type FormOutcome,
  type FormRequest,
  type FormTab,
  fieldMeta,
  isProblem,
  messages,
  type PageRequest,
  type ParameterRef,
  type Shape,
  slot,
} from '@posthorn/sdk';
import { FormsService } from '../forms/forms-service.js';
import type { Kernel } from '../kernel.js';
import { isSecret } from '../parameters/sealed-values.js';

const t = messages('host');

export type AnyForm = ParameterRef<Shape>;
type Stored = Readonly<Record<string, unknown>>;
type Tabs = readonly { readonly from: string; readonly item: FormTab<AnyForm> }[];

/** Gives the form its name in the log; nobody contributes to it, since every extension's parameters are a form alone. */
const parameterTabs = slot<FormTab<AnyForm>>('host.parameters@1');

/** The forms of one level that have something to fill in, in the order of the extensions. */
export const parameterForms = (kernel: Kernel, level: AnyForm['level']): readonly AnyForm[] =>
  kernel.generation.order
    .flatMap((d) => (d.parameters ?? []) as unknown as readonly AnyForm[])
    .filter((form) => form.level === level && Object.keys(form.shape).length > 0);

/** One extension's parameters as a form: the installation's, or those of one account. */
export class ParameterForm {
  constructor(
    private readonly kernel: Kernel,
    private readonly request: PageRequest,
    private readonly form: AnyForm,
    /** Where it is sent. */
    private readonly action: string,
    /** Of level `user`: whose. */
    readonly account?: number,
  ) {}

  async show(): Promise<FormModel> {
    return this.#engine().showTabs(parameterTabs, this.#tabs(), await this.#asked());
  }

  async save(): Promise<FormOutcome<AnyForm>> {
    const outcome = await this.#engine().saveTabs(parameterTabs, this.#tabs(), await this.#asked());
    // Again after the commit: who read in between may have kept the values of before.
    if (outcome.isSaved) this.kernel.parameters.refresh();
    return outcome;
  }

  #engine(): FormsService {
    return new FormsService(this.request.context);
  }

  #read(): Promise<Stored> {
    const { kernel, form, account } = this;
    return account === undefined ? kernel.parameters.read(form) : kernel.parameters.readUser(form, account);
  }

  async #asked(): Promise<FormRequest<AnyForm>> {
    const { kernel, form } = this;
    return {
      request: this.request,
      subject: form,
      action: this.action,
      submit: t('Save'),
      cancel: '',
      version: await this.#version(),
      current: async () => {
        await kernel.revisionRow.lock();
        // What another process has stored a moment ago is not known here yet.
        kernel.parameters.refresh();
        return { subject: form, version: await this.#version() };
      },
    };
  }

  /** Of the values as they are shown; secrets are not, not even as part of a digest. */
  async #version(): Promise<string> {
    try {
      const values = await this.#read();
      const shown = Object.entries(this.form.shape)
        .filter(([, schema]) => fieldMeta(schema).kind !== 'secret')
        .map(([name]) => [name, values[name]]);
      return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
    } catch (error) {
      // The tab says why it cannot be read.
      if (isProblem(error) && error.kind === 'failure') return '';
      throw error;
    }
  }

  #tabs(): Tabs {
    const { kernel, form, account } = this;
    let before: Stored = {};
    const item: FormTab<AnyForm> = {
      id: form.extension,
      title: form.title,
      shape: form.shape,
      sections: form.sections,
      conditions: form.conditions,
      when: () => true,
      load: async () => {
        before = await this.#read();
        return before;
      },
      validate: async (values) => form.check?.(values) ?? [],
      save: async (values) => {
        // A secret that nobody typed may have been changed by somebody else meanwhile: it is left alone.
        const typed = Object.entries(values).filter(
          ([name, value]) => !isSecret(form.shape, name) || value !== before[name],
        );
        const change = Object.fromEntries(typed);
        await (account === undefined
          ? kernel.parameters.write(form, change)
          : kernel.parameters.writeUser(form, account, change));
        return undefined;
      },
    };
    return [{ from: form.extension, item }];
  }
}
