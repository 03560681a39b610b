import { expect } from 'vitest';
import { byFile } from '../admin/doors/said.js';
import { HASH } from '../admin/fixture.js';
import type { LimitBench } from './fixture.js';

/**
 * An import of the reseller `reseller` into his domain `d.tld`, in which one late row is a mailbox too many: it is named,
 * and nothing is there of those before it.
 */
export async function expectLateRow(b: LimitBench, o: { readonly rows: number; readonly late: number }): Promise<void> {
  await b.domains.update(b.system, 'd.tld', { quota: 5000 });
  await b.limits.setOfAccount(b.system, 'reseller', { mailboxes: o.late - 1 });
  const rows = Array.from({ length: o.rows }, (_, i) => {
    const address = `u${i + 1}@d.tld`;
    return ['account', address, HASH, '', '', 'True', 'SimpleUsers', address, '1'];
  });
  const left = async (table: string, where = 'id > 0') =>
    (await b.sql(`select id from ${table} where ${where}`)).length;
  const inDomain = `domain_id in (select id from admin_domain where name = 'd.tld')`;
  const state = async () => [
    await left('core_user'),
    await left('core_access'),
    await left('core_audit'),
    await left('admin_mailbox', inDomain),
    await left('admin_alias', inDomain),
    await b.has('reseller', 'mailboxes', 'mailbox_aliases', 'quota'),
  ];
  const before = await state();
  const said = await byFile(b.host, rows, ['--as', 'reseller']);
  expect(said).toMatchObject({ line: o.late, code: 'E_LIMITS_REACHED', reason: 'Mailboxes: limit reached' });
  expect(await state()).toEqual(before);
}
