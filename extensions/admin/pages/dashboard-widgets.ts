import { type Contribution, messages, type Text, view, widget } from '@posthorn/sdk';
import { type Attention, attentionList, dashboardCounts, hasDomains, recentAccounts } from './dashboard-facts.js';
import { domainHref, storage } from './domain-pages.js';
import { moment, number } from './format.js';
import { roleLabel } from './role-labels.js';

const t = messages('admin');

const counts = widget(
  {
    id: 'counts',
    region: 'dashboard',
    title: t('Overview'),
    permission: 'admin.view_domains',
    span: 12,
    async load({ context, actor, locale, timeZone }) {
      const found = await dashboardCounts(context, actor);
      const { usedText, quotaText } = storage(found.usedBytes, found.allocated, { locale, timeZone });
      return view('widget-counts', t('Overview'), {
        domains: number(found.domains, locale),
        accounts: number(found.accounts, locale),
        aliases: number(found.aliases, locale),
        usedText,
        allocatedText: quotaText,
        can: { accounts: actor.can('admin.view_mailboxes') },
      });
    },
  },
  { order: 10 },
);

const WORDS: Readonly<Record<Attention['kind'], (one: Attention) => Text>> = {
  disabled: () => t('The domain is disabled; its mail is refused.'),
  expired: () => t('The alias has expired.'),
  full: () => t('The mailbox is nearly full.'),
  unanswered: ({ lacking = [] }) => t('Nobody receives mail for {{names}}.', { names: lacking.join(', ') }),
};
const ICONS: Readonly<Record<Attention['kind'], string>> = {
  disabled: 'circle-x',
  expired: 'clock',
  full: 'database',
  unanswered: 'alert-triangle',
};

function hrefOf({ kind, name, pk }: Attention): string {
  if (kind === 'full') return `/admin/accounts/${pk}/`;
  if (kind === 'expired') return `/admin/aliases/${pk}/edit/`;
  return domainHref(name);
}

const attention = widget(
  {
    id: 'attention',
    region: 'dashboard',
    title: t('Needs attention'),
    permission: 'admin.view_domains',
    span: 6,
    async load({ context, actor }) {
      const found = await attentionList(context, actor);
      return view('widget-attention', t('Needs attention'), {
        items: found.map((one) => ({
          ...one,
          href: hrefOf(one),
          text: WORDS[one.kind](one),
          icon: ICONS[one.kind],
          level: one.kind === 'disabled' ? 'danger' : 'warning',
        })),
      });
    },
  },
  { order: 20 },
);

const recent = widget(
  {
    id: 'recent',
    region: 'dashboard',
    title: t('New accounts'),
    permission: 'admin.view_mailboxes',
    span: 6,
    async load({ context, actor, locale, timeZone }) {
      const found = await recentAccounts(context, actor);
      return view('widget-recent', t('New accounts'), {
        items: found.map((one) => ({
          ...one,
          href: `/admin/accounts/${one.pk}/`,
          role: roleLabel(context, one.role),
          at: moment(one.at, { locale, timeZone }),
        })),
      });
    },
  },
  { order: 30 },
);

const FIRST_STEPS: readonly FirstStep[] = [
  {
    title: t('Make a domain'),
    text: t('With its administrator and a first mailbox, in one go.'),
    icon: 'world',
    href: '/admin/domains/new/',
  },
  {
    title: t('Let Postfix and Dovecot read it'),
    text: t('Both look everything up in the database, through files that these commands write.'),
    icon: 'server',
    commands: [
      'posthorn maps write /etc/postfix/posthorn',
      'posthorn dovecot write /etc/dovecot/posthorn --mail-home /srv/vmail --uid 5000 --gid 5000',
    ],
  },
  {
    title: t('Check the installation'),
    text: t('Says what is missing or does not fit together, and what to do about it.'),
    icon: 'stethoscope',
    commands: ['posthorn check'],
  },
];

interface FirstStep {
  readonly title: Text;
  readonly text: Text;
  readonly icon: string;
  readonly href?: string;
  /** Command lines as they are typed. */
  readonly commands?: readonly string[];
}

/** What to do on a fresh installation, until there is a domain. */
const firstSteps = widget(
  {
    id: 'first-steps',
    region: 'dashboard',
    title: t('What to do next'),
    permission: 'admin.view_domains',
    span: 12,
    async load({ context, actor }) {
      if (!actor.isSuperuser || (await hasDomains(context))) return undefined;
      return view('widget-first-steps', t('What to do next'), { steps: FIRST_STEPS });
    },
  },
  { order: 5 },
);

export const dashboardWidgets: readonly Contribution[] = [firstSteps, counts, attention, recent];
