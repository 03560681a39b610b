import { type Contribution, field, isProblem, messages, page, type Text, view } from '@posthorn/sdk';
import type { Resolution, ResolutionStep, StepKind } from '../contract/resolution.js';
import { resolutions } from '../contract/services.js';
import { arrives, kindText, markLevel, markText, outcomeText } from '../resolver/words.js';
import { LIST } from './identity-pages.js';
import { RESOLVE as PATH } from './resolve-href.js';

const t = messages('admin');

/** More are not read by anybody; the command line shows all. */
const SHOWN_MAX = 500;

interface Node {
  readonly title: string;
  readonly href: string | undefined;
  readonly icon: string;
  readonly level: string;
  readonly text: Text;
  readonly marks: readonly { readonly label: Text; readonly level: string }[];
  readonly nodes: readonly Node[];
}

const ICONS: Readonly<Record<StepKind, string>> = {
  'domain-alias': 'world-www',
  alias: 'at',
  forward: 'mail-forward',
  'catch-all': 'inbox',
  mailbox: 'mail',
  elsewhere: 'route',
  external: 'world',
  unknown: 'mail-off',
  outside: 'eye-off',
};

const LEVELS: Readonly<Record<StepKind, string>> = {
  'domain-alias': 'neutral',
  alias: 'neutral',
  forward: 'neutral',
  'catch-all': 'neutral',
  mailbox: 'success',
  elsewhere: 'info',
  external: 'info',
  unknown: 'danger',
  outside: 'neutral',
};

const PATHS = { account: '/admin/accounts/', alias: '/admin/aliases/', 'domain-alias': '/admin/domainaliases/' };

/** One question, which stands in the address, and its answer. */
const resolvePage = page({
  path: PATH,
  permission: 'admin.view_aliases',
  query: { address: field.string({ label: t('Address'), max: 320 }).default('') },
  async load({ context, actor, query }) {
    const address = query.address.trim();
    const title = t('Where does this address go?');
    const common = { crumbs: [{ label: t('Identities'), href: LIST }, { label: title }], address, path: PATH };
    if (address === '') return view('resolve', title, common);
    try {
      const found = await context.get(resolutions).resolve(actor, address);
      const isSuccess = arrives(found) && !found.isTemporary;
      return view('resolve', title, {
        ...common,
        answer: { text: outcomeText(found), level: isSuccess ? 'success' : found.isTemporary ? 'warning' : 'danger' },
        nodes: treeOf(found, (permission) => actor.can(permission)),
        hidden: Math.max(0, found.steps.length - SHOWN_MAX),
      });
    } catch (error) {
      if (!isProblem(error) || (error.kind !== 'invalid' && error.kind !== 'not-found')) throw error;
      return view('resolve', title, { ...common, problem: error.text }, error.status);
    }
  },
});

function treeOf({ steps }: Resolution, can: (permission: string) => boolean): readonly Node[] {
  const below = Map.groupBy(steps.slice(0, SHOWN_MAX), ({ from }) => from);
  const nodeOf = (step: ResolutionStep): Node => ({
    title: step.address,
    href: hrefOf(step, can),
    icon: ICONS[step.kind],
    level: levelOf(step),
    text: kindText(step),
    marks: step.marks.map((mark) => ({ label: markText(mark), level: markLevel(mark) })),
    nodes: (below.get(step.id) ?? []).map(nodeOf),
  });
  return (below.get(null) ?? []).map(nodeOf);
}

function levelOf({ kind, marks }: ResolutionStep): string {
  const levels = marks.map(markLevel);
  if (kind === 'unknown' || levels.includes('danger')) return 'danger';
  return levels.includes('warning') ? 'warning' : LEVELS[kind];
}

function hrefOf({ subject }: ResolutionStep, can: (permission: string) => boolean): string | undefined {
  if (subject === null) return undefined;
  const path = `${PATHS[subject.kind]}${subject.pk}/`;
  if (subject.kind === 'account') return path;
  const permission = subject.kind === 'alias' ? 'admin.change_alias' : 'admin.change_domainalias';
  return can(permission) ? `${path}edit/` : undefined;
}

export const resolvePages: readonly Contribution[] = [resolvePage];
