import type { Issue, Text } from '@posthorn/sdk';
import { messages } from '@posthorn/sdk';
import type { FieldIssue } from './read-posted.js';

const t = messages('host');

/** Complaints of one attempt, in the reader's language: about fields, about whole tabs, and about the form. */
export class Complaints {
  readonly #fields = new Map<string, Map<string, Set<string>>>();
  readonly #tabs = new Map<string, Set<string>>();
  readonly form: string[] = [];
  /** Nothing typed is to blame: the same form may be taken in a moment. */
  isTemporary = false;

  constructor(private readonly translate: (text: Text) => string) {}

  get isEmpty(): boolean {
    return this.#fields.size === 0 && this.#tabs.size === 0 && this.form.length === 0;
  }

  has(tab: string): boolean {
    return this.#fields.has(tab) || this.#tabs.has(tab);
  }

  aboutForm(text: Text): void {
    const sentence = this.translate(text);
    if (!this.form.includes(sentence)) this.form.push(sentence);
  }

  aboutTab(tab: string, text: Text): void {
    at(this.#tabs, tab, () => new Set<string>()).add(this.translate(text));
  }

  aboutField(tab: string, issue: FieldIssue): void {
    const { line, message: said } = issue;
    const sentence = this.translate(line === undefined ? said : t('line {{line}} {{said}}', { line, said }));
    const fields = at(this.#fields, tab, () => new Map<string, Set<string>>());
    at(fields, issue.field, () => new Set<string>()).add(sentence);
  }

  /** Issues in the API's notation (`name`, `list.0`); those about no field of the tab are about the tab. */
  aboutFields(tab: string, names: readonly string[], issues: readonly Issue[]): void {
    for (const { path, message } of issues) {
      const field = names
        .filter((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
        .sort((a, b) => b.length - a.length)[0];
      if (field === undefined) this.aboutTab(tab, message);
      else this.aboutField(tab, { field, message, ...lineOf(path.slice(field.length)) });
    }
  }

  field(tab: string, field: string): string {
    return [...(this.#fields.get(tab)?.get(field) ?? [])].join('; ');
  }

  tab(tab: string): readonly string[] {
    return [...(this.#tabs.get(tab) ?? [])];
  }
}

function lineOf(rest: string): { readonly line?: number } {
  const found = /^[.[](\d{1,6})\]?$/.exec(rest);
  return found === null ? {} : { line: Number(found[1]) + 1 };
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
}
