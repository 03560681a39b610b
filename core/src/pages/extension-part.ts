import type { Contributed, PageRequest } from '@posthorn/sdk';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';

/** The same request, in the name of the extension whose part of a page is made. */
export const requestOf = (kernel: Kernel, from: string, r: PageRequest): PageRequest => ({
  context: kernel.generation.context(from),
  actor: r.actor,
  account: r.account,
  params: r.params,
  query: r.query,
  body: r.body,
  files: r.files,
  typed: r.typed,
  url: r.url,
  isFragment: r.isFragment,
  locale: r.locale,
  timeZone: r.timeZone,
  signal: r.signal,
  t: (text) => r.t(text),
  notice: (level, text) => r.notice(level, text),
});

/**
 * What one extension puts into a page, asked for in its name and with a deadline. Undefined where it throws or is late:
 * that is reported, and the rest of the page goes on.
 */
export async function askPart<Item extends { readonly id: string }, T>(
  kernel: Kernel,
  request: PageRequest,
  o: { readonly kind: string; readonly ms: number; readonly part: Contributed<Item> },
  ask: (item: Item, request: PageRequest) => Promise<T> | T,
): Promise<T | undefined> {
  const { from, item } = o.part;
  const at = `${o.kind}:${item.id}`;
  try {
    return await callExtension(from, at, o.ms, () => ask(item, requestOf(kernel, from, request)));
  } catch (error) {
    kernel.log.error({ extension: from, at, err: error }, 'a part of a page could not be had');
    return undefined;
  }
}
