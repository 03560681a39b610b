import type { Account, Actor } from '@posthorn/sdk';
import type { SavedFilter } from './ui/saved-filters.js';

export interface FrameMenuEntry {
  readonly label: string;
  readonly href: string;
  readonly icon: string;
  readonly isActive: boolean;
  readonly badge?: string;
}

export interface FrameMenuGroup {
  /** Empty for entries without a group. */
  readonly label: string;
  readonly entries: readonly FrameMenuEntry[];
}

export interface FrameNotice {
  readonly level: 'success' | 'info' | 'warning' | 'danger';
  readonly text: string;
  readonly href?: string;
  /** How many there are of what it tells. */
  readonly counter?: number;
  /** The form that puts it away. */
  readonly dismiss?: { readonly action: string; readonly key: string };
}

/** What stands around a page's own content: `it.page` in every view. Every sentence is in the reader's language. */
export interface PageFrame {
  readonly title: string;
  readonly url: URL;
  readonly actor: Pick<Actor, 'username' | 'role' | 'isSuperuser'>;
  /** Undefined for a guest. */
  readonly account: Pick<Account, 'username' | 'first_name' | 'last_name' | 'role'> | undefined;
  /** By area: `main` is the side bar, `user` the reader's own menu. */
  readonly menu: Readonly<Record<string, readonly FrameMenuGroup[]>>;
  /** What stays until it is mended. */
  readonly notices: readonly FrameNotice[];
  /** What the last action left to say, shown once. */
  readonly flash: readonly FrameNotice[];
  readonly csrf: string;
  /** What the reader keeps for the list of this page; undefined for a guest. */
  readonly savedFilters?: readonly SavedFilter[];
  readonly instanceName: string;
  readonly locale: string;
  /** The reader's. */
  readonly timeZone: string;
  readonly dir: 'ltr' | 'rtl';
  readonly theme: 'auto' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  /** Address of the style sheet with the installation's colour, where it has one of its own. */
  readonly themeSheet?: string;
  /** Addresses of the installation's own logo, for light and for dark pages, where it has one. */
  readonly logo?: { readonly light: string; readonly dark: string };
}

/** `guest`: nobody signed in; `simple`: no side bar, large tiles; `full`: side bar and top bar. */
export type FrameKind = 'guest' | 'simple' | 'full';

export function frameKind(frame: Pick<PageFrame, 'account' | 'actor' | 'menu'>): FrameKind {
  if (frame.account === undefined) return 'guest';
  const hasEntries = (frame.menu['main'] ?? []).some((group) => group.entries.length > 0);
  return frame.actor.role === 'SimpleUsers' || !hasEntries ? 'simple' : 'full';
}

/** The name to greet a reader by, and two letters of it for the round picture. */
export function personOf(frame: Pick<PageFrame, 'account' | 'actor'>): {
  readonly name: string;
  readonly initials: string;
} {
  const full = `${frame.account?.first_name ?? ''} ${frame.account?.last_name ?? ''}`.trim();
  const name = full === '' ? (frame.account?.username ?? frame.actor.username) : full;
  const words = name.split(/[\s.@_-]+/).filter((word) => word !== '');
  const initials = words
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('');
  return { name, initials: initials.toLocaleUpperCase() };
}
