import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import { badge } from './badge.js';
import { formatNumber, type UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { LEVEL_ICON, levelOf } from './level.js';

export interface AlertOptions {
  readonly level: string;
  readonly title?: string;
  readonly text: string | SafeHtml;
  /** Listed below the text. */
  readonly items?: readonly string[] | undefined;
  readonly counter?: number | undefined;
  readonly link?: { readonly label: string; readonly href: string };
}

export function alert(env: UiEnvironment, o: AlertOptions): SafeHtml {
  const level = levelOf(o.level);
  const role = level === 'danger' || level === 'warning' ? 'alert' : 'status';
  return html`<div class="ph-alert ph-${level}" role="${role}">${icon(env, LEVEL_ICON[level])}<div class="ph-alert-body">${
    o.title !== undefined && html`<strong class="ph-alert-title">${o.title}</strong>`
  }<div>${o.text}${o.counter !== undefined && html` ${badge(env, { label: formatNumber(env, o.counter), level })}`}${o.link !== undefined && html` <a href="${href(o.link.href)}">${o.link.label}</a>`}</div>${
    (o.items ?? []).length > 0 && html`<ul>${o.items?.map((item) => html`<li>${item}</li>`)}</ul>`
  }</div></div>`;
}
