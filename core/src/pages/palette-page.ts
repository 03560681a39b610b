import {
  type Contributed,
  type Contribution,
  download,
  field,
  menu,
  messages,
  type PageRequest,
  type PaletteEntry,
  type PaletteSource,
  page,
  palette,
  paletteSource,
} from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { isOwnPath } from '../access/own-path.js';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';
import { requestOf } from './extension-part.js';

const t = messages('host');

/** Milliseconds that one source may take before the others are shown without it. */
const SOURCE_MS = 1_500;
/** Entries of one source. */
const FEW = 8;
/** Characters of a label: enough for any name, and no page's worth of text. */
const LABEL_MAX = 320;

/** What the command palette finds, for the script that shows it: `[{ label, text?, href }]`. */
export const palettePage = (kernel: () => Kernel): readonly Contribution[] => [
  paletteSource({ id: 'menu', search: async (query, request) => menuEntries(query, request) }, { order: -100 }),
  page({
    path: '/palette/',
    permission: 'signed-in',
    query: { q: field.string({ label: t('Search'), max: 100 }).default('') },
    async load(request) {
      const query = request.query.q.trim();
      const sources = query === '' ? [] : request.context.items(palette);
      const found = await Promise.all(sources.map((source) => ask(kernel(), source, query, request)));
      return download({ filename: 'palette.json', type: 'application/json', content: JSON.stringify(found.flat()) });
    },
  }),
];

async function ask(
  kernel: Kernel,
  { from, item }: Contributed<PaletteSource>,
  query: string,
  request: PageRequest,
): Promise<readonly PaletteEntry[]> {
  const at = `palette:${item.id}`;
  try {
    const found = await callExtension(from, at, SOURCE_MS, () => item.search(query, requestOf(kernel, from, request)));
    return found
      .filter(({ href }) => isOwnPath(href))
      .slice(0, FEW)
      .map(({ label, text, href }) => ({
        label: label.slice(0, LABEL_MAX),
        ...(text === undefined ? {} : { text: text.slice(0, LABEL_MAX) }),
        href,
      }));
  } catch (error) {
    kernel.log.error({ extension: from, at, err: error }, 'a source of the palette failed');
    return [];
  }
}

/** Pages of the navigation that this reader may open, by any part of their names. */
function menuEntries(query: string, request: PageRequest): readonly PaletteEntry[] {
  const wanted = query.toLocaleLowerCase(request.locale);
  return request.context
    .items(menu)
    .filter(({ item }) => mayEnter(item.permission, request.actor, request.account !== undefined))
    .map(({ item }) => ({
      label: request.t(item.label),
      ...(item.group === undefined ? {} : { text: request.t(item.group) }),
      href: item.href,
    }))
    .filter(({ label }) => label.toLocaleLowerCase(request.locale).includes(wanted));
}
