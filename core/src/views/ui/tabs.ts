import { messages } from '@posthorn/sdk';
import { href } from '../href.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import { badge } from './badge.js';
import type { UiEnvironment } from './environment.js';

const t = messages('host');

export interface TabLink {
  readonly label: string;
  readonly href: string;
  readonly isActive: boolean;
  readonly badge?: string | number;
}

/** Links between the pages about one thing. */
export const tabs = (env: UiEnvironment, links: readonly TabLink[]): SafeHtml =>
  html`<nav class="ph-tabs" aria-label="${env.t(t('Sections'))}"><ul>${links.map(
    (link) =>
      html`<li><a class="ph-tab" href="${href(link.href)}"${attribute('aria-current', link.isActive ? 'page' : undefined)}>${link.label}${
        link.badge !== undefined && badge(env, { label: link.badge })
      }</a></li>`,
  )}</ul></nav>`;
