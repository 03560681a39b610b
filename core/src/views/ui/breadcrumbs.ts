import { messages } from '@posthorn/sdk';
import { href } from '../href.js';
import { html, nothing, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';

const t = messages('host');

/** The way to this page. The last one is the page itself and needs no address. */
export function breadcrumbs(
  env: UiEnvironment,
  steps: readonly { readonly label: string; readonly href?: string }[],
): SafeHtml {
  if (steps.length === 0) return nothing;
  return html`<nav class="ph-crumbs" aria-label="${env.t(t('You are here'))}"><ol>${steps.map((step, i) =>
    i === steps.length - 1 || step.href === undefined
      ? html`<li><span aria-current="page">${step.label}</span></li>`
      : html`<li><a href="${href(step.href)}">${step.label}</a></li>`,
  )}</ol></nav>`;
}
