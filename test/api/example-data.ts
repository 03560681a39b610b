import limits from '@posthorn/limits';
import relaydomains from '@posthorn/relaydomains';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { jobQueue } from '@posthorn/sdk';
import transport from '@posthorn/transport';
import { type Bench, bench } from '../admin/fixture.js';

const HASH = '{PLAIN}Toto1234';

/** A host with every extension that has endpoints. */
export const apiBench = (): Promise<Bench> => bench({ with: [limits, transport, relaydomains] });

/** What the examples of the documents speak of, in a database that was empty before. */
export async function exampleData(b: Bench): Promise<void> {
  const { system } = b;
  await b.host.kernel.accounts.create(system, { username: 'admin', role: 'SuperAdmins', passwordHash: HASH });
  await b.domains.create(system, { name: 'example.test', quota: 50_000, default_mailbox_quota: 1_000 });
  await b.context.get(relayDomains).create(system, { name: 'relay.example.test', target_host: 'mx.example.net' });
  await b.mailboxes.create(system, { username: 'anna@example.test', passwordHash: HASH });
  const boss = { username: 'chief@example.test', role: 'DomainAdmins', passwordHash: HASH, domains: ['example.test'] };
  await b.mailboxes.create(system, boss);
  await b.aliases.create(system, { address: 'info@example.test', recipients: ['anna@example.test'] });
  await b.domainAliases.create(system, { name: 'alias.example.test', target: 'example.test' });
  await b.senders.create(system, { address: 'anna@example.com', mailbox: 'anna@example.test' });
  await b.context.get(jobQueue).enqueue('admin.bulk-change', {}, { by: system });
}
