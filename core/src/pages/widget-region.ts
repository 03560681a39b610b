import { type Contributed, type PageRequest, type ShownWidget, type Widget, widgets } from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import type { Kernel } from '../kernel.js';
import { askPart } from './extension-part.js';

/** Milliseconds that one widget may take before the others are shown without it. */
const WIDGET_MS = 3_000;

/** The widgets of a region that this reader may see. They are loaded beside each other, each in its extension's name. */
export async function widgetsOf(kernel: Kernel, region: string, request: PageRequest): Promise<readonly ShownWidget[]> {
  const mine = request.context
    .items(widgets)
    .filter(
      ({ item }) => item.region === region && mayEnter(item.permission, request.actor, request.account !== undefined),
    );
  const shown = await Promise.all(mine.map((part) => load(kernel, request, part)));
  return shown.filter((one) => one !== undefined);
}

async function load(kernel: Kernel, request: PageRequest, part: Contributed<Widget>): Promise<ShownWidget | undefined> {
  const { from, item } = part;
  const about = { id: `${from}-${item.id}`, from, title: request.t(item.title), span: item.span ?? 4 };
  const asked = await askPart(kernel, request, { kind: 'widget', ms: WIDGET_MS, part }, async (one, asker) => ({
    answer: await one.load(asker),
  }));
  if (asked === undefined) return { ...about, view: undefined, data: {} };
  const { answer } = asked;
  return answer === undefined ? undefined : { ...about, view: qualified(from, answer.view), data: answer.data };
}

const qualified = (from: string, name: string): string =>
  name.includes(':') ? name : `${from === 'core' ? 'host' : from}:${name}`;
