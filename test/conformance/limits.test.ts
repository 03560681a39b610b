import { domains, mailboxes } from '@posthorn/admin/contract';
import { plans } from '@posthorn/limits/contract';
import { conformance } from '@posthorn/testkit/conformance';

conformance(new URL('../../extensions/limits/', import.meta.url), {
  async prepare(host) {
    const domain = await host.context('admin').get(domains).create(host.system, { name: 'a.test' });
    const account = await host
      .context('admin')
      .get(mailboxes)
      .create(host.system, { username: 'anna@a.test', role: 'DomainAdmins', passwordHash: '{PLAIN}Toto1234' });
    const plan = await host
      .context('limits')
      .get(plans)
      .create(host.system, { name: 'Basic', limits: { mailboxes: 3 } });
    return {
      addresses: {
        '/limits/accounts/:id/': `/limits/accounts/${account.pk}/`,
        '/limits/domains/:name/': '/limits/domains/a.test/',
        '/limits/plans/:id/edit/': `/limits/plans/${plan.pk}/edit/`,
        '/limits/plans/:id/delete/': `/limits/plans/${plan.pk}/delete/`,
      },
      subjects: { 'admin.domain-editor@1': domain, 'admin.account-editor@1': account },
    };
  },
});
