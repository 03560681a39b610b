import { action, field, isProblem, messages, redirect } from '@posthorn/sdk';
import { domains } from '../contract/services.js';
import { makeRoleAddresses } from '../services/role-addresses.js';
import { domainHref } from './domain-pages.js';

const t = messages('admin');

/** What the domain's page offers while nobody reads the mail for postmaster or abuse. */
export const roleAddressPage = action({
  path: '/admin/domains/:name/role-addresses/',
  permission: 'admin.add_alias',
  body: { recipient: field.string({ label: t('Recipient'), min: 1, max: 320 }) },
  async run(request) {
    const { context, actor, params, body } = request;
    const domain = await context.get(domains).show(actor, params.name);
    try {
      const made = await makeRoleAddresses(context, actor, domain, body.recipient.trim());
      request.notice('success', t('Created: {{names}}.', { names: made.join(', ') }));
    } catch (error) {
      // A recipient that is none is said above the form that asks for it.
      if (!isProblem(error) || error.status >= 500) throw error;
      request.notice('danger', error.text);
    }
    return redirect(domainHref(domain.name));
  },
});
