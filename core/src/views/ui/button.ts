import { href } from '../href.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';

export type ButtonKind = 'primary' | 'secondary' | 'danger' | 'ghost';

export interface ButtonOptions {
  readonly label: string;
  readonly icon?: string;
  /** A link that looks like a button; without it, a button. */
  readonly href?: string;
  readonly submit?: boolean;
  readonly kind?: ButtonKind;
  readonly name?: string;
  readonly value?: string;
  /** The id of the form it belongs to, where it stands outside. */
  readonly form?: string;
  readonly isSmall?: boolean;
  /** The label is for screen readers and as a tip only. */
  readonly isIconOnly?: boolean;
}

const CLASS: Readonly<Record<ButtonKind, string>> = {
  primary: 'btn btn-primary',
  secondary: 'btn',
  danger: 'btn btn-outline-danger',
  ghost: 'btn btn-ghost-secondary',
};

export function button(env: UiEnvironment, o: ButtonOptions): SafeHtml {
  const look = `${CLASS[o.kind ?? 'secondary'] ?? CLASS.secondary}${o.isSmall === true ? ' btn-sm' : ''}${
    o.isIconOnly === true ? ' btn-icon ph-icon-button' : ''
  }`;
  const label =
    o.isIconOnly === true ? html`<span class="visually-hidden">${o.label}</span>` : html`<span>${o.label}</span>`;
  const inside = html`${o.icon !== undefined && icon(env, o.icon)}${label}`;
  const tip = attribute('title', o.isIconOnly === true ? o.label : undefined);
  if (o.href !== undefined) return html`<a class="${look}" href="${href(o.href)}"${tip}>${inside}</a>`;
  const type = o.submit === true || o.name !== undefined ? 'submit' : 'button';
  return html`<button class="${look}" type="${type}"${attribute('name', o.name)}${attribute('value', o.value)}${attribute('form', o.form)}${tip}>${inside}</button>`;
}
