import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { levelOf } from './level.js';

export interface TreeNode {
  readonly title: string | SafeHtml;
  readonly href?: string;
  readonly icon?: string;
  readonly level?: string;
  /** What it is. */
  readonly text?: string;
  /** States and remarks behind it. */
  readonly marks?: readonly SafeHtml[];
  /** What it leads to. */
  readonly nodes?: readonly TreeNode[];
}

/** Deeper than this, what comes is not moved further in: a phone has no room for it. */
const INDENTED = 6;

/** Things that lead to others: lists in lists, drawn with lines. */
export const tree = (env: UiEnvironment, nodes: readonly TreeNode[]): SafeHtml => level(env, nodes, 0);

const level = (env: UiEnvironment, nodes: readonly TreeNode[], depth: number): SafeHtml =>
  html`<ul class="${depth === 0 ? 'ph-tree' : depth > INDENTED ? 'ph-tree-flat' : 'ph-tree-level'}">${nodes.map(
    (node) =>
      html`<li><div class="ph-tree-node">${
        node.icon !== undefined &&
        html`<span class="ph-round ph-${node.level === undefined ? 'info' : levelOf(node.level)}">${icon(env, node.icon)}</span>`
      }<div class="ph-tree-body">${
        node.href === undefined
          ? html`<span class="ph-list-title">${node.title}</span>`
          : html`<a class="ph-list-title" href="${href(node.href)}">${node.title}</a>`
      }${node.text !== undefined && html`<span class="ph-quiet">${node.text}</span>`}${
        node.marks !== undefined && node.marks.length > 0 && html`<span class="ph-tree-marks">${node.marks}</span>`
      }</div></div>${node.nodes !== undefined && node.nodes.length > 0 && level(env, node.nodes, depth + 1)}</li>`,
  )}</ul>`;
