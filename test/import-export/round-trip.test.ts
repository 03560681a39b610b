/** What is exported and imported again is the same. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, bench, empty, HASH, populate } from '../admin/fixture.js';

let b: Bench;
beforeAll(async () => {
  b = await bench();
});
afterAll(() => b?.host[Symbol.asyncDispose]());

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
/** With room for everybody: what does not fit is refused, and another test's business. */
const quota = fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 5_000 }));
/** Names with whatever tables, spreadsheets and databases stumble over. */
const text = fc
  .oneof(
    fc.constantFrom('', '=1+1', '@SUM(A1)', "'=x", '"quoted"', 'a;b', 'é漢\u{1f98a}', '-5', "O'Hara", '+cmd|x'),
    fc.string({ maxLength: 20 }),
  )
  .map((s) =>
    s
      .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '')
      .normalize('NFC')
      .trim(),
  );
const domain = fc.record({
  name: label.map((l) => `${l}.test`),
  quota,
  isEnabled: fc.boolean(),
  aliases: fc.uniqueArray(label, { maxLength: 2 }),
  people: fc.uniqueArray(
    fc.record({
      name: label,
      first: text,
      last: text,
      isActive: fc.boolean(),
      role: fc.constantFrom('SimpleUsers', 'DomainAdmins', 'Resellers'),
    }),
    { maxLength: 3, selector: ({ name }) => name },
  ),
  forwards: fc.uniqueArray(
    fc.record({ name: label, isEnabled: fc.boolean(), to: fc.uniqueArray(label, { minLength: 1, maxLength: 3 }) }),
    {
      maxLength: 3,
      selector: ({ name }) => name,
    },
  ),
});
const world = fc.uniqueArray(domain, { maxLength: 4, selector: ({ name }) => name });

const exported = async (name: string): Promise<string> => {
  const { code, stdout } = await b.host.command(['export', name]);
  expect(code).toBe(0);
  return stdout;
};

it('domains, accounts and aliases, whatever they are called', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (domains) => {
      await empty(b);
      for (const one of domains) {
        await b.domains.create(b.system, {
          name: one.name,
          quota: one.quota,
          default_mailbox_quota: Math.min(10, one.quota),
          enabled: one.isEnabled,
        });
        for (const alias of one.aliases) {
          await b.domainAliases.create(b.system, {
            name: `${alias}.alias.${one.name}`,
            target: one.name,
            enabled: true,
          });
        }
        for (const { name, first, last, isActive, role } of one.people) {
          await b.mailboxes.create(b.system, {
            username: `${name}@${one.name}`,
            passwordHash: HASH,
            first_name: first,
            last_name: last,
            is_active: isActive,
            role,
            mailbox: {},
            ...(role === 'DomainAdmins' ? { domains: [one.name] } : {}),
          });
        }
        for (const { name, isEnabled, to } of one.forwards) {
          await b.aliases.create(b.system, {
            address: `${name}.list@${one.name}`,
            enabled: isEnabled,
            recipients: to.map((recipient) => `${recipient}@elsewhere.test`),
          });
        }
      }
      const before = { domains: await exported('domains'), identities: await exported('identities') };
      if (before.domains === '') return;
      const file = join(b.host.config.directory, 'all.csv');
      await writeFile(file, before.domains + before.identities);
      await empty(b);
      const { code, stdout, stderr } = await b.host.command(['import', file]);
      expect([code, stdout, stderr]).toEqual([0, '', expect.stringContaining('imported')]);
      expect({ domains: await exported('domains'), identities: await exported('identities') }).toEqual(before);
    }),
    { numRuns: 12 },
  );
}, 120_000);

it('test_export: the rows of the reference, and chains of aliases in an order in which they can be made', async () => {
  await empty(b);
  await populate(b);
  await b.domainAliases.create(b.system, { name: 'also.test', target: 'test.com' });
  await b.mailboxes.update(b.system, 'user@test2.com', { first_name: 'Été', mailbox: { quota: 7 } });
  await b.aliases.create(b.system, { address: 'z@test.com', recipients: ['alias@test.com'] });
  await b.aliases.create(b.system, { address: 'm@test.com', recipients: ['z@test.com', 'user@test.com'] });
  await b.aliases.create(b.system, { address: 'a@test.com', recipients: ['m@test.com'], enabled: false });
  expect((await exported('domains')).split('\r\n')).toEqual([
    'domain;test.com;50;10;True',
    'domainalias;also.test;test.com;True',
    'domain;test2.com;0;0;True',
    '',
  ]);
  const identities = await exported('identities');
  expect(identities.replaceAll(HASH, 'HASH').split('\r\n')).toEqual([
    'account;admin;HASH;;;True;SuperAdmins;;',
    'account;admin@test.com;HASH;;;True;DomainAdmins;admin@test.com;0;test.com',
    'account;admin@test2.com;HASH;;;True;DomainAdmins;admin@test2.com;0;test2.com',
    'account;user@test.com;HASH;;;True;SimpleUsers;user@test.com;0',
    'account;user@test2.com;HASH;Été;;True;SimpleUsers;user@test2.com;7',
    'alias;alias@test.com;True;user@test.com',
    'alias;forward@test.com;True;user@external.com',
    'alias;postmaster@test.com;True;test@truc.fr;toto@titi.com',
    'alias;z@test.com;True;alias@test.com',
    'alias;m@test.com;True;user@test.com;z@test.com',
    'alias;a@test.com;False;m@test.com',
    '',
  ]);
  const file = join(b.host.config.directory, 'chain.csv');
  await writeFile(file, (await exported('domains')) + identities);
  await empty(b);
  expect(await b.host.command(['import', file])).toMatchObject({ code: 0 });
  expect(await exported('identities')).toBe(identities);
});

it('as JSON each row has its cells by their names', async () => {
  await empty(b);
  await b.domains.create(b.system, { name: 'one.test', quota: 5, default_mailbox_quota: 5 });
  await b.aliases.create(b.system, { address: 'x@one.test', recipients: ['=a@b.test', 'c@d.test'] });
  const lines = async (name: string) =>
    (await b.host.command(['export', name, '--json'])).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  expect(await lines('domains')).toMatchObject([
    { kind: 'domain', name: 'one.test', quota: 5, default_mailbox_quota: 5 },
  ]);
  expect(await lines('identities')).toMatchObject([
    { kind: 'alias', address: 'x@one.test', recipients: ['=a@b.test', 'c@d.test'] },
  ]);
});
