import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import { type ButtonOptions, button } from './button.js';
import { type EmptyOptions, empty } from './empty.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { levelOf } from './level.js';

export interface ListItem {
  readonly title: string | SafeHtml;
  readonly text?: string;
  /** Lines to be typed as they stand. */
  readonly code?: readonly string[];
  readonly href?: string;
  readonly icon?: string;
  readonly level?: string;
  /** A number, a state or a time at the end. */
  readonly aside?: string | SafeHtml;
  readonly action?: ButtonOptions;
}

/** Things below each other: recent events, what needs attention. */
export function list(env: UiEnvironment, items: readonly ListItem[], whenEmpty?: EmptyOptions): SafeHtml {
  if (items.length === 0 && whenEmpty !== undefined) return empty(env, whenEmpty);
  return html`<ul class="ph-list">${items.map(
    (item) =>
      html`<li>${
        item.icon !== undefined &&
        html`<span class="ph-round ph-${item.level === undefined ? 'info' : levelOf(item.level)}">${icon(env, item.icon)}</span>`
      }<div class="ph-list-body">${
        item.href === undefined
          ? html`<span class="ph-list-title">${item.title}</span>`
          : html`<a class="ph-list-title" href="${href(item.href)}">${item.title}</a>`
      }${item.text !== undefined && html`<span class="ph-quiet">${item.text}</span>`}${
        item.code !== undefined && html`<pre class="ph-commands">${item.code.join('\n')}</pre>`
      }</div>${
        item.aside !== undefined && html`<span class="ph-list-aside">${item.aside}</span>`
      }${item.action !== undefined && button(env, { isSmall: true, ...item.action })}</li>`,
  )}</ul>`;
}
