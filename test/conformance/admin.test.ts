import { domains, mailboxes } from '@posthorn/admin/contract';
import { conformance } from '@posthorn/testkit/conformance';

conformance(new URL('../../extensions/admin/', import.meta.url), {
  async prepare(host) {
    const context = host.context('admin');
    const domain = await context.get(domains).create(host.system, { name: 'a.test' });
    const account = await context
      .get(mailboxes)
      .create(host.system, { username: 'anna@a.test', password: 'Wind-in-42-Weiden' });
    return {
      addresses: {
        '/admin/domains/:name/': '/admin/domains/a.test/',
        '/admin/domains/:name/edit/': '/admin/domains/a.test/edit/',
        '/admin/accounts/:id/': `/admin/accounts/${account.pk}/`,
        '/admin/accounts/:id/edit/': `/admin/accounts/${account.pk}/edit/`,
      },
      subjects: { 'admin.domain-editor@1': domain, 'admin.account-editor@1': account },
    };
  },
});
