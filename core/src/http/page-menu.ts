import { type Contributed, type MenuEntry, type PageRequest } from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';
import { requestOf } from '../pages/extension-part.js';
import type { FrameMenuEntry, FrameMenuGroup } from '../views/page-frame.js';

/** Milliseconds that one badge may take before the page is shown without it: it stands on every page. */
const BADGE_MS = 1_000;

/** The navigation as one reader sees it: what he may open, by area and group, in the order of the slot. */
export async function menuFor(
  kernel: Kernel,
  entries: readonly Contributed<MenuEntry>[],
  request: PageRequest,
): Promise<Readonly<Record<string, readonly FrameMenuGroup[]>>> {
  const areas = Object.create(null) as Record<string, { label: string; entries: FrameMenuEntry[] }[]>;
  const visible = entries.filter(({ item }) => mayEnter(item.permission, request.actor, request.account !== undefined));
  const active = longestMatch(
    visible.map(({ item }) => item.href),
    request.url.pathname,
  );
  const badges = await Promise.all(visible.map((entry) => badgeOf(kernel, entry, request)));
  visible.forEach(({ item }, i) => {
    const label = item.group === undefined ? '' : request.t(item.group);
    areas[item.area] ??= [];
    const groups = areas[item.area] ?? [];
    let group = groups.find((one) => one.label === label);
    if (group === undefined) {
      group = { label, entries: [] };
      groups.push(group);
    }
    const badge = badges[i];
    group.entries.push({
      label: request.t(item.label),
      href: item.href,
      icon: item.icon,
      isActive: item.href === active,
      ...(badge === undefined ? {} : { badge }),
    });
  });
  return areas;
}

/** A number that cannot be had is no reason to show no page. */
async function badgeOf(
  kernel: Kernel,
  { from, item }: Contributed<MenuEntry>,
  request: PageRequest,
): Promise<string | undefined> {
  if (item.badge === undefined) return undefined;
  const at = `menu:${item.href}`;
  try {
    return await callExtension(from, at, BADGE_MS, () => item.badge?.(requestOf(kernel, from, request)));
  } catch (error) {
    kernel.log.error({ extension: from, at, err: error }, 'a badge of the menu failed');
    return undefined;
  }
}

/** `/admin/items/7/` stands under `/admin/items/`, even where `/admin/` is an entry as well. */
const longestMatch = (hrefs: readonly string[], path: string): string | undefined =>
  hrefs.filter((href) => path.startsWith(href)).sort((a, b) => b.length - a.length)[0];
