import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { isIconName } from './icon-names.js';

/** An icon of the sprite: decoration, so the words beside it carry the meaning. */
export function icon(env: UiEnvironment, name: string): SafeHtml {
  if (env.isStrict && !isIconName(name)) throw new Error(`no icon ${name}: add it to icon-names.ts`);
  const shown = isIconName(name) ? name : 'dot';
  return html`<svg class="ph-icon" width="20" height="20" aria-hidden="true" focusable="false"><use href="${env.sprite()}#${shown}"></use></svg>`;
}
