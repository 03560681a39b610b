import { type AccountView, accountEditor, domainEditor } from '@posthorn/admin/contract';
import { type FormScope, formTab, messages, type Shape } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { type AccountLimitName, DOMAIN_LIMITS } from '../contract/resources.js';
import type { LimitView } from '../contract/services.js';
import { limits } from '../contract/services.js';
import { CHANGE } from '../services/giver.js';
import { limitFields } from './fields.js';

const t = messages('limits');

const { domain_aliases, mailboxes, mailbox_aliases, domain_admins } = limitFields;
/** What somebody may make who makes no domains. */
const INSIDE: readonly AccountLimitName[] = ['mailboxes', 'mailbox_aliases'];

const title = t('Resources');
const text = t('-1 is no limit, 0 is none. What was given on to others is not counted in.');

const maxima = (views: readonly LimitView[]): Readonly<Record<string, number>> =>
  Object.fromEntries(views.map(({ name, max }) => [name, max]));

/** What was typed and is not so already: a form that is saved for something else changes no limits. */
const changed = (values: Readonly<Record<string, unknown>>, views: readonly LimitView[]) =>
  Object.fromEntries(views.filter(({ name, max }) => values[name] !== max).map(({ name }) => [name, values[name]]));

/** One tab for those who make domains and one for those who work inside of them: who sees which, the role says. */
const accountTab = <const S extends Shape>(id: string, shape: S, isFor: (names: readonly string[]) => boolean) =>
  formTab<AccountView, Shape>(accountEditor, {
    id,
    title,
    shape,
    sections: [{ title, text, fields: Object.keys(shape) }],
    isVersioned: true,
    when: ({ actor, subject }) => actor.can(CHANGE) && subject !== undefined && subject.pk !== actor.id,
    async load({ actor, subject, context }: FormScope<AccountView>) {
      const { enable_admin_limits: isOn } = await context.parameters(limitsParameters);
      if (!isOn || subject === undefined || !(await context.get(limits).mayGive(actor, subject.pk))) return undefined;
      const { limits: views } = await context.get(limits).ofAccount(actor, subject.pk);
      return isFor(views.map(({ name }) => name)) ? maxima(views) : undefined;
    },
    async save(values, { actor, subject, context }) {
      if (subject === undefined) return undefined;
      const before = await context.get(limits).ofAccount(actor, subject.pk);
      const wanted = changed(values, before.limits);
      if (Object.keys(wanted).length > 0) await context.get(limits).setOfAccount(actor, subject.pk, wanted);
      return undefined;
    },
  });

const isInside = (names: readonly string[]): boolean => names.every((name) => INSIDE.some((one) => one === name));

export const limitTabs = [
  accountTab('resources', limitFields, (names) => !isInside(names)),
  accountTab('resources-inside', { mailboxes, mailbox_aliases }, isInside),
  formTab(domainEditor, {
    id: 'resources',
    title,
    shape: { domain_aliases, mailboxes, mailbox_aliases, domain_admins },
    sections: [{ title, text: t('-1 is no limit, 0 is none.'), fields: DOMAIN_LIMITS }],
    isVersioned: true,
    when: ({ actor, subject }) => actor.can(CHANGE) && subject !== undefined,
    async load({ actor, subject, context }) {
      const { enable_domain_limits: isOn } = await context.parameters(limitsParameters);
      if (!isOn || subject === undefined) return undefined;
      return maxima((await context.get(limits).ofDomain(actor, subject.pk)).limits);
    },
    async save(values, { actor, subject, context }) {
      if (subject === undefined) return undefined;
      const before = await context.get(limits).ofDomain(actor, subject.pk);
      const wanted = changed(values, before.limits);
      if (Object.keys(wanted).length > 0) await context.get(limits).setOfDomain(actor, subject.pk, wanted);
      return undefined;
    },
  }),
];
