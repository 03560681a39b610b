import { messages } from '@posthorn/sdk';
import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { levelOf } from './level.js';

const t = messages('host');

export interface BadgeOptions {
  readonly label: string | number;
  readonly level?: string;
  /** Leads to the list of what has the same. */
  readonly href?: string;
  /** The link takes a filter away: shown with a cross. */
  readonly isRemoval?: boolean;
}

/** A small count or word beside something, perhaps a link. */
export function badge(env: UiEnvironment, o: BadgeOptions): SafeHtml {
  const look = `ph-badge ph-${levelOf(o.level)}`;
  if (o.href === undefined) return html`<span class="${look}">${o.label}</span>`;
  return o.isRemoval === true
    ? html`<a class="${look} ph-badge-link" href="${href(o.href)}" aria-label="${env.t(t('Take away the filter {{label}}', { label: o.label }))}">${o.label}${icon(env, 'x')}</a>`
    : html`<a class="${look} ph-badge-link" href="${href(o.href)}">${o.label}</a>`;
}
