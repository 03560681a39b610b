import { messages } from '@posthorn/sdk';
import { formAction, href, withQuery } from '../href.js';
import { attribute, html, nothing, type SafeHtml } from '../safe-html.js';
import { type ButtonKind, button } from './button.js';
import { type EmptyOptions, empty } from './empty.js';
import { formatNumber, type UiEnvironment } from './environment.js';
import { hiddenFields } from './hidden-fields.js';
import { icon } from './icon.js';
import { inPlace, results } from './in-place.js';

const t = messages('host');

export interface TableColumn {
  readonly key: string;
  readonly label: string;
  readonly sortable?: boolean;
  readonly align?: 'start' | 'end';
  /** `number` stands at the end with even digits, `mono` for what is copied, `quiet` for what matters less, `moment` for times. */
  readonly kind?: 'text' | 'number' | 'mono' | 'quiet' | 'moment';
  /** Where it goes on a phone: beside the first column, nowhere, or (default) on a line of its own with its label. */
  readonly phone?: 'corner' | 'hidden' | 'line';
}

export interface TableRow {
  /** What its check box sends. */
  readonly id?: string | number;
  readonly href?: string;
  readonly cells: Readonly<Record<string, string | number | SafeHtml | undefined>>;
  readonly actions?: readonly {
    readonly label: string;
    readonly href: string;
    readonly icon?: string;
    readonly kind?: ButtonKind;
  }[];
}

export interface TableSelection {
  /** Name of the check boxes; their values are the rows' ids. */
  readonly name: string;
  readonly formAction: string;
  /** Sent as `action`. */
  readonly actions: readonly { readonly label: string; readonly value: string; readonly kind?: ButtonKind }[];
  /** How many match on all pages. Where it is more than the rows shown, they can all be meant: sent as `all=true`. */
  readonly total: number;
  /** There are more than `total`. */
  readonly isMore?: boolean;
  readonly hidden?: Readonly<Record<string, string>>;
}

export interface TableOptions {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  /** The column it is sorted by, with `-` before it for downwards. Links change the query parameter `sort`. */
  readonly sort?: string;
  readonly url: URL;
  readonly selection?: TableSelection;
  readonly empty: EmptyOptions;
}

/**
 * A list of things: sorted by links, chosen by check boxes in a real form, cards on a phone by style alone. With
 * `filters` and `pages` of the same page it is a live list: what they ask for takes its place without a new page.
 */
export const table = (env: UiEnvironment, o: TableOptions): SafeHtml =>
  results(
    env,
    { id: `${o.id}-results`, total: o.rows.length },
    o.rows.length === 0 ? empty(env, o.empty) : full(env, o),
  );

function full(env: UiEnvironment, o: TableOptions): SafeHtml {
  const hasActions = o.rows.some((row) => (row.actions ?? []).length > 0);
  const grid = html`<div class="ph-table-scroll" role="region" aria-label="${env.t(t('Table: {{caption}}', { caption: o.caption }))}" tabindex="0"><table class="ph-table" id="${o.id}"><caption class="visually-hidden">${o.caption}</caption><thead><tr>${
    o.selection !== undefined &&
    html`<th class="ph-check" scope="col"><input class="form-check-input ph-js-only" type="checkbox" data-ph-all aria-label="${env.t(t('Select all on this page'))}"></th>`
  }${o.columns.map((column) => heading(env, o, column))}${
    hasActions &&
    html`<th scope="col" class="ph-row-actions"><span class="visually-hidden">${env.t(t('Actions'))}</span></th>`
  }</tr></thead><tbody>${o.rows.map((row) => line(env, o, row, hasActions))}</tbody></table></div>`;
  return o.selection === undefined ? grid : bulk(env, o, o.selection, grid);
}

const side = (column: TableColumn): string =>
  column.align === 'end' || (column.align === undefined && column.kind === 'number') ? ' ph-end' : '';

function heading(env: UiEnvironment, o: TableOptions, column: TableColumn): SafeHtml {
  if (column.sortable !== true) return html`<th scope="col" class="ph-th${side(column)}">${column.label}</th>`;
  const now = o.sort === column.key ? 'ascending' : o.sort === `-${column.key}` ? 'descending' : undefined;
  const next = now === 'ascending' ? `-${column.key}` : column.key;
  const sign = now === 'ascending' ? 'chevron-up' : now === 'descending' ? 'chevron-down' : 'selector';
  const to = withQuery(o.url, { sort: next, page: undefined, after: undefined });
  return html`<th scope="col" class="ph-th${side(column)}"${attribute('aria-sort', now)}><a class="ph-sort" id="${o.id}-by-${column.key}" href="${to}"${inPlace(to)}>${column.label}${icon(env, sign)}</a></th>`;
}

/** What a row is called for somebody who hears it: the text of its first cell. */
function nameOf(o: TableOptions, row: TableRow): string {
  const first = row.cells[o.columns[0]?.key ?? ''];
  return typeof first === 'string' || typeof first === 'number' ? String(first) : String(row.id ?? '');
}

function line(env: UiEnvironment, o: TableOptions, row: TableRow, hasActions: boolean): SafeHtml {
  const name = nameOf(o, row);
  const box =
    o.selection === undefined
      ? nothing
      : html`<td class="ph-check">${
          row.id !== undefined &&
          html`<input class="form-check-input" type="checkbox" name="${o.selection.name}" value="${row.id}" aria-label="${env.t(t('Select {{name}}', { name }))}">`
        }</td>`;
  const cells = o.columns.map((column, i) => {
    const value = row.cells[column.key];
    const shown = typeof value === 'number' ? formatNumber(env, value) : value;
    const inside =
      i === 0 && row.href !== undefined
        ? html`<a class="ph-row-link" href="${href(row.href)}">${shown}</a>`
        : html`${shown}`;
    const place = i === 0 ? 'first' : (column.phone ?? 'line');
    return html`<td class="ph-td ph-cell-${place} ph-kind-${column.kind ?? 'text'}${side(column)}" data-label="${column.label}">${inside}</td>`;
  });
  const buttons = (row.actions ?? []).map((action) =>
    button(env, {
      label: `${action.label}: ${name}`,
      href: action.href,
      icon: action.icon ?? 'chevron-right',
      kind: 'ghost',
      isSmall: true,
      isIconOnly: true,
    }),
  );
  return html`<tr>${box}${cells}${hasActions && html`<td class="ph-row-actions"><div>${buttons}</div></td>`}</tr>`;
}

/** The form around the grid. Its bar is always there without a script; with one, only while something is chosen. */
function bulk(env: UiEnvironment, o: TableOptions, selection: TableSelection, grid: SafeHtml): SafeHtml {
  const more = selection.total > o.rows.length;
  const counted = env.t(t('selected'));
  return html`<form method="post" action="${formAction(selection.formAction)}" data-ph-bulk>${hiddenFields(env.csrf, selection.hidden)}<div class="ph-bulk"><span class="ph-bulk-count" aria-live="polite"><span class="ph-js-only"><strong data-ph-count>0</strong> ${counted}</span><span class="ph-nojs-only">${env.t(t('With the selected ones:'))}</span></span>${
    more &&
    html`<label class="ph-bulk-all"><input class="form-check-input" type="checkbox" name="all" value="true"> ${env.t(selection.isMore === true ? t('All that match') : t('All {{total}} that match', { total: formatNumber(env, selection.total) }))}</label>`
  }<span class="ph-actions ph-push">${selection.actions.map((action) =>
    button(env, {
      label: action.label,
      name: 'action',
      value: action.value,
      isSmall: true,
      ...(action.kind === undefined ? {} : { kind: action.kind }),
    }),
  )}</span></div>${grid}</form>`;
}
