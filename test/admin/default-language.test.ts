import admin from '@posthorn/admin';
import { domains, mailboxes } from '@posthorn/admin/contract';
import { expect, it } from 'vitest';
import { testHost } from '../kit/src/test-host.js';

it('test_create_account_default_lang: new accounts have the language of the instance', async () => {
  await using host = await testHost({ with: [admin], language: 'fr' });
  const context = host.context('admin');
  await context.get(domains).create(host.system, { name: 'one.test' });
  const made = { passwordHash: '{PLAIN}Toto1234' };
  const own = await context.get(mailboxes).create(host.system, { ...made, username: 'anna@one.test' });
  const other = await context.get(mailboxes).create(host.system, { ...made, username: 'bob@one.test', language: 'en' });
  expect([own.language, other.language]).toEqual(['fr', 'en']);
});
