import { it } from 'vitest';
import { bench, populate } from '../admin/fixture.js';
it('x', async () => {
  const b = await bench();
  await populate(b);
  await b.domains.update(b.system, 'test.com', { quota: 60, name: 'neu.com' });
  const a = await b.mailboxes.create(b.system, { username: 'z@neu.com', passwordHash: '{PLAIN}canary1A' });
  await b.mailboxes.update(b.system, 'z@neu.com', { first_name: 'Z', passwordHash: '{PLAIN}canary2A', mailbox: { quota: 2, use_domain_quota: false } });
  await b.mailboxes.remove(b.system, 'z@neu.com');
  await b.domains.remove(b.system, 'test2.com');
  for (const r of (await b.host.kernel.audit.table.list({}, { size: 80 })).toReversed()) console.log(r.id, r.actor, r.door, r.via, r.action, r.kind, r.objectId, r.label, r.place, JSON.stringify(r.changes));
  console.log(await b.host.kernel.audit.seal(), await b.host.kernel.audit.chain.verify());
  const seen = await b.count(() => b.mailboxes.create(b.system, { username: 'y@neu.com', passwordHash: '{PLAIN}canary1A' }));
  console.log(seen.map((s) => s.slice(0, 90)));
  await b.host[Symbol.asyncDispose]();
});
