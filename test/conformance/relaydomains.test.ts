import { domains } from '@posthorn/admin/contract';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { conformance } from '@posthorn/testkit/conformance';

conformance(new URL('../../extensions/relaydomains/', import.meta.url), {
  async prepare(host) {
    const context = host.context('relaydomains');
    await context.get(relayDomains).create(host.system, { name: 'a.test', target_host: 'mx.example.net' });
    return { subjects: { 'admin.domain-editor@1': await context.get(domains).show(host.system, 'a.test') } };
  },
});
