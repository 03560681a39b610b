import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';

export interface Tile {
  readonly title: string;
  readonly text: string;
  readonly href: string;
  readonly icon: string;
  readonly aside?: string | SafeHtml;
}

/** Large links for readers with few things to do. */
export const tiles = (env: UiEnvironment, items: readonly Tile[]): SafeHtml =>
  html`<div class="ph-tiles">${items.map(
    (tile) =>
      html`<a class="card ph-card-link ph-tile" href="${href(tile.href)}"><span class="ph-round ph-info">${icon(env, tile.icon)}</span><span class="ph-tile-body"><span class="ph-tile-head"><strong>${tile.title}</strong>${
        tile.aside !== undefined && html`<span class="ph-list-aside">${tile.aside}</span>`
      }</span><span class="ph-quiet">${tile.text}</span></span></a>`,
  )}</div>`;
