import { find, findAll, type HtmlElement, hasClass, hasId, isTag, parseHtml, rawText, textOf } from './html.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Path and query of what was asked for. */
  readonly url: string;
}

export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Sends a form and gives the page that the reader sees then. */
export type Send = (method: 'GET' | 'POST', action: string, fields: Fields) => Promise<TestPage>;

export interface TestLink {
  readonly label: string;
  readonly href: string;
}

export interface TestField {
  /** As it is sent. */
  readonly name: string;
  readonly label: string;
  /** `textarea`, `select` or the input's type. */
  readonly kind: string;
  /** What a browser sends where nobody touches it; undefined for a box that is not ticked. */
  readonly value: string | undefined;
  readonly choices: readonly string[];
  readonly isRequired: boolean;
  /** The mistake that is shown beside it; empty where there is none. */
  readonly error: string;
}

/** A page as somebody without scripts reads it. */
export class TestPage {
  readonly #root: HtmlElement;
  readonly #send: Send;

  constructor(
    private readonly answer: Answer,
    send: Send,
  ) {
    this.#root = parseHtml(answer.body);
    this.#send = send;
  }

  get status(): number {
    return this.answer.status;
  }
  /** Path and query; after a redirect that of the page it led to. */
  get url(): string {
    return this.answer.url;
  }
  get headers(): Headers {
    return this.answer.headers;
  }
  get html(): string {
    return this.answer.body;
  }
  /** The parsed markup, for whatever has no word of its own here. */
  get root(): HtmlElement {
    return this.#root;
  }
  get title(): string {
    const heading = find(this.#root, isTag('h1')) ?? find(this.#root, isTag('title'));
    return heading === undefined ? '' : textOf(heading);
  }
  /** What stands in the main part, white space folded. */
  get text(): string {
    return textOf(find(this.#root, isTag('main')) ?? this.#root);
  }
  /** Entries of the side bar that this reader sees. */
  get menu(): readonly TestLink[] {
    return findAll(this.#root, hasClass('ph-side-link')).map(linkOf);
  }
  get links(): readonly TestLink[] {
    return findAll(this.#root, ({ tag, attributes }) => tag === 'a' && attributes['href'] !== undefined).map(linkOf);
  }
  /** Sentences of notices and alerts. */
  get notices(): readonly string[] {
    return findAll(this.#root, hasClass('ph-alert')).map(textOf);
  }
  /** Mistakes of a form that was refused. */
  get issues(): readonly string[] {
    const list = find(this.#root, hasClass('ph-issues'));
    return list === undefined ? [] : findAll(list, isTag('li')).map(textOf);
  }

  /** The rows of the first table, each by the heads of its columns. */
  get table(): readonly Readonly<Record<string, string>>[] {
    const table = find(this.#root, isTag('table'));
    if (table === undefined) return [];
    const rows = findAll(table, isTag('tr'));
    const heads = findAll(table, ({ tag, parent }) => tag === 'th' && within(parent, 'thead')).map(textOf);
    return rows
      .filter((row) => !within(row, 'thead'))
      .map((row) =>
        Object.fromEntries(
          row.children
            .filter((cell): cell is HtmlElement => typeof cell !== 'string')
            .map((cell, i) => [heads[i] ?? String(i), textOf(cell)]),
        ),
      );
  }

  get forms(): readonly TestForm[] {
    return findAll(find(this.#root, isTag('main')) ?? this.#root, isTag('form')).map(
      (form) => new TestForm(form, this.url, this.#send),
    );
  }

  /** The form with that action; without one, the first that is sent by POST. Throws where there is none. */
  form(action?: string): TestForm {
    const found = this.forms.find((form) => (action === undefined ? form.method === 'POST' : form.action === action));
    if (found === undefined)
      throw new Error(`${this.url} (${this.status}) has no form${action ? ` to ${action}` : ''}`);
    return found;
  }

  /** A tab or step of the page's form. Throws where there is none of that id. */
  tab(id: string): TestTab {
    const panel = find(this.#root, hasId(`tab-${id}`));
    const form = this.forms.find(({ fields }) => fields.some(({ name }) => name.startsWith(`${id}.`)));
    if (panel === undefined && form === undefined) throw new Error(`${this.url} (${this.status}) has no tab ${id}`);
    return new TestTab(id, panel, form);
  }
}

const linkOf = (element: HtmlElement): TestLink => ({
  label: textOf(element),
  href: element.attributes['href'] ?? '',
});

function within(element: HtmlElement | undefined, tag: string): boolean {
  for (let at = element; at !== undefined; at = at.parent) if (at.tag === tag) return true;
  return false;
}

export class TestForm {
  readonly #element: HtmlElement;
  readonly #send: Send;

  constructor(
    element: HtmlElement,
    private readonly page: string,
    send: Send,
  ) {
    this.#element = element;
    this.#send = send;
  }

  get method(): 'GET' | 'POST' {
    return this.#element.attributes['method']?.toLowerCase() === 'post' ? 'POST' : 'GET';
  }
  get action(): string {
    return this.#element.attributes['action'] ?? this.page;
  }
  get fields(): readonly TestField[] {
    return findAll(this.#element, isTag('input', 'select', 'textarea'))
      .filter(({ attributes }) => attributes['name'] !== undefined)
      .map((element) => fieldOf(element, this.#element));
  }

  /** Throws where there is none of that name. */
  field(name: string): TestField {
    return fieldNamed(this.fields, name, `the form to ${this.action}`);
  }

  /** Sends what a browser sends of the untouched form, with these fields written over; `undefined` leaves one out. */
  submit(change: Fields = {}): Promise<TestPage> {
    const sent: Record<string, string | readonly string[] | undefined> = {};
    for (const { name, value } of this.fields) {
      if (value === undefined) continue;
      const before = sent[name];
      sent[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
    }
    return this.#send(this.method, this.action, { ...sent, ...change });
  }
}

/** One tab of a form; its fields go by the names that the extension gave them. */
export class TestTab {
  readonly #form: TestForm | undefined;
  readonly #panel: HtmlElement | undefined;

  constructor(
    readonly id: string,
    panel: HtmlElement | undefined,
    form: TestForm | undefined,
  ) {
    this.#panel = panel;
    this.#form = form;
  }

  get fields(): readonly TestField[] {
    const prefix = `${this.id}.`;
    return (this.#form?.fields ?? [])
      .filter(({ name }) => name.startsWith(prefix))
      .map((field) => ({ ...field, name: field.name.slice(prefix.length) }));
  }
  /** Throws where there is none of that name. */
  field(name: string): TestField {
    return fieldNamed(this.fields, name, `the tab ${this.id}`);
  }
  /** Why it could not be loaded; empty where it was. */
  get failure(): string {
    if (this.fields.length > 0 || this.#panel === undefined) return '';
    const alert = find(this.#panel, hasClass('ph-alert'));
    return alert === undefined ? '' : textOf(alert);
  }
  /** Saves the whole form with these fields of this tab written over. */
  submit(change: Fields = {}): Promise<TestPage> {
    if (this.#form === undefined) throw new Error(`the tab ${this.id} has no field, so it cannot be sent`);
    return this.#form.submit(
      Object.fromEntries(Object.entries(change).map(([name, value]) => [`${this.id}.${name}`, value])),
    );
  }
}

function fieldNamed(fields: readonly TestField[], name: string, where: string): TestField {
  const found = fields.find((field) => field.name === name);
  if (found === undefined)
    throw new Error(`${where} has no field ${name}, only ${fields.map((field) => field.name).join(', ') || 'none'}`);
  return found;
}

function fieldOf(element: HtmlElement, form: HtmlElement): TestField {
  const { attributes, tag } = element;
  const { id, name = '' } = attributes;
  const label =
    (id === undefined ? undefined : find(form, (e) => e.tag === 'label' && e.attributes['for'] === id)) ??
    closest(element, 'label');
  const error = id === undefined ? undefined : find(form, hasId(`${id}-error`));
  return {
    name,
    label: attributes['aria-label'] ?? (label === undefined ? '' : textOf(label)),
    kind: tag === 'input' ? (attributes['type'] ?? 'text') : tag,
    value: sentValue(element),
    choices: findAll(element, isTag('option')).map((option) => option.attributes['value'] ?? textOf(option)),
    isRequired: attributes['required'] !== undefined,
    error: error === undefined ? '' : textOf(error),
  };
}

function closest(element: HtmlElement, tag: string): HtmlElement | undefined {
  let at: HtmlElement | undefined = element;
  while (at !== undefined && at.tag !== tag) at = at.parent;
  return at;
}

function sentValue(element: HtmlElement): string | undefined {
  const { attributes, tag } = element;
  // A line end right after the tag is none of the text.
  if (tag === 'textarea') return rawText(element).replace(/^\r?\n/, '');
  if (tag === 'select') {
    const options = findAll(element, isTag('option'));
    const chosen = options.find((option) => option.attributes['selected'] !== undefined) ?? options[0];
    return chosen === undefined ? undefined : (chosen.attributes['value'] ?? textOf(chosen));
  }
  const type = attributes['type'] ?? 'text';
  if (['submit', 'button', 'reset', 'image', 'file'].includes(type)) return undefined;
  if ((type === 'checkbox' || type === 'radio') && attributes['checked'] === undefined) return undefined;
  return attributes['value'] ?? (type === 'checkbox' ? 'on' : '');
}
