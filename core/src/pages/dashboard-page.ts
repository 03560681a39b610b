import {
  type Contributed,
  type Contribution,
  menuEntry,
  messages,
  type PageRequest,
  page,
  redirect,
  view,
  type Widget,
  widgets,
} from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';

const t = messages('host');

/** Milliseconds that one widget may take before the others are shown without it. */
const WIDGET_MS = 3_000;

interface Shown {
  readonly id: string;
  readonly from: string;
  /** Its name in the log. */
  readonly at: string;
  readonly title: string;
  readonly span: number;
  /** Undefined where it could not be loaded. */
  readonly view: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What every reader sees first. Widgets are loaded beside each other; one that fails or is late leaves the others alone. */
export const dashboardPage = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    {
      area: 'main',
      label: t('Dashboard'),
      href: '/dashboard/',
      icon: 'layout-dashboard',
      permission: 'signed-in',
    },
    { order: -100 },
  ),
  page({
    path: '/dashboard/',
    permission: 'signed-in',
    async load(request) {
      const asked = request as unknown as PageRequest;
      const mine = asked.context
        .items(widgets)
        .filter(({ item }) => item.region === 'dashboard' && mayEnter(item.permission, asked.actor, true));
      // Who has nothing to look after has nothing to see here.
      if (mine.length === 0 && !asked.actor.isSuperuser) return redirect('/user/');
      const shown = await Promise.all(mine.map((widget) => loadWidget(kernel(), asked, widget)));
      const report = ({ from, at }: Shown, error: unknown): void => {
        kernel().spots.at(from, at).failed(error);
        kernel().log.error({ extension: from, at, err: error }, 'a widget could not be drawn');
      };
      return view('dashboard', t('Dashboard'), { widgets: shown.filter((one) => one !== undefined), report });
    },
  }),
];

async function loadWidget(
  kernel: Kernel,
  request: PageRequest,
  { from, item }: Contributed<Widget>,
): Promise<Shown | undefined> {
  const at = `widget:${item.id}`;
  const about = { id: `${from}-${item.id}`, from, at, title: request.t(item.title), span: item.span ?? 4 };
  try {
    const answer = await callExtension(from, at, WIDGET_MS, () => item.load(requestOf(kernel, from, request)));
    return answer === undefined ? undefined : { ...about, view: qualified(from, answer.view), data: answer.data };
  } catch (error) {
    kernel.log.error({ extension: from, at, err: error }, 'a widget could not be loaded');
    return { ...about, view: undefined, data: {} };
  }
}

const qualified = (from: string, name: string): string =>
  name.includes(':') ? name : `${from === 'core' ? 'host' : from}:${name}`;

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
