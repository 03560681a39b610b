import { type Contributed, type MenuEntry, menu, type Page, pages } from '@posthorn/sdk';
import type { TestHost } from '../test-host.js';
import type { Prepared } from './check.js';
import type { Subject } from './subject.js';

/** What the extension put into the slot of pages. */
export const ownPages = ({ definition }: Subject, { kernel }: TestHost): readonly Page[] =>
  (kernel.generation.slots.items(pages.id) as readonly Contributed<Page>[])
    .filter(({ from }) => from === definition.id)
    .map(({ item }) => item);

export const ownMenu = ({ definition }: Subject, { kernel }: TestHost): readonly MenuEntry[] =>
  (kernel.generation.slots.items(menu.id) as readonly Contributed<MenuEntry>[])
    .filter(({ from }) => from === definition.id)
    .map(({ item }) => item);

/** Addresses of its pages that can be visited: those without names in their paths, and those that were prepared. */
export const ownPaths = (s: Subject, host: TestHost, prepared: Prepared = {}): readonly string[] =>
  ownPages(s, host)
    .filter(({ method }) => method === 'GET')
    .flatMap(({ path }) => prepared.addresses?.[path] ?? (path.includes(':') ? [] : [path]));
