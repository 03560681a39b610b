import { type Contributed, type MenuEntry, type PageRequest } from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { callExtension } from '../forms/extension-call.js';
import type { FrameMenuEntry, FrameMenuGroup } from '../views/page-frame.js';

/** Milliseconds that one number may take before the page is shown without it. */
const BADGE_MS = 2_000;

/** The navigation as one reader sees it: what he may open, by area and group, in the order of the slot. */
export async function menuFor(
  entries: readonly Contributed<MenuEntry>[],
  request: PageRequest,
  onError: (from: string, error: unknown) => void,
): Promise<Readonly<Record<string, readonly FrameMenuGroup[]>>> {
  const areas = Object.create(null) as Record<string, { label: string; entries: FrameMenuEntry[] }[]>;
  const visible = entries.filter(({ item }) => mayEnter(item.permission, request.actor, request.account !== undefined));
  const active = longestMatch(
    visible.map(({ item }) => item.href),
    request.url.pathname,
  );
  const badges = await Promise.all(
    visible.map(async ({ from, item }) => {
      try {
        const { badge } = item;
        return badge && (await callExtension(from, `badge:${item.href}`, BADGE_MS, () => badge(request)));
      } catch (error) {
        // A number that cannot be had is no reason to show no page.
        onError(from, error);
        return undefined;
      }
    }),
  );
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

/** `/admin/items/7/` stands under `/admin/items/`, even where `/admin/` is an entry as well. */
const longestMatch = (hrefs: readonly string[], path: string): string | undefined =>
  hrefs.filter((href) => path.startsWith(href)).sort((a, b) => b.length - a.length)[0];
