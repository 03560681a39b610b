import { domains } from '@posthorn/admin/contract';
import { checks } from '@posthorn/sdk';
import { beforeEach, expect, it } from 'vitest';
import { type Bench, empty, lookup, populate } from './fixture.js';

/** Addresses that every domain should have. */
export function hintScenarios(given: () => Bench): void {
  let b: Bench;
  beforeEach(async () => {
    b = given();
    await empty(b);
    await populate(b);
  });
  const check = () => {
    const found = b.host.kernel.generation
      .context('admin')
      .items(checks)
      .find(({ item }) => item.id === 'role-addresses');
    if (found === undefined) throw new Error('there is no such check');
    return found.item;
  };

  it('are missed until somebody has them, and nothing makes them by itself', async () => {
    await b.aliases.create(b.system, { address: '@test2.com', recipients: ['x@y.org'] });
    const [finding] = await check().run(b.context);
    expect(finding).toMatchObject({ level: 'warning' });
    await b.context.get(domains).create(b.system, { name: 'off.org', enabled: false });
    expect(await lookup(b, 'abuse@test.com')).toEqual([]);
    const dry = await check().fix?.(b.context, { dryRun: true, progress: () => {} });
    expect(dry?.map(({ subject }) => subject)).toEqual(['test.com']);
    expect(await lookup(b, 'abuse@test.com')).toEqual([]);
    await check().fix?.(b.context, { dryRun: false, progress: () => {} });
    expect(await lookup(b, 'abuse@test.com')).toEqual(['admin@test.com']);
    expect(await lookup(b, 'postmaster@test.com')).toEqual(['test@truc.fr', 'toto@titi.com']);
    expect(await check().run(b.context)).toMatchObject([{ level: 'ok' }]);
  });

  it('a domain without an administrator inside is told of, and left alone', async () => {
    await b.domains.create(b.system, { name: 'alone.org' });
    await check().fix?.(b.context, { dryRun: false, progress: () => {} });
    expect(await check().run(b.context)).toMatchObject([{ level: 'warning' }]);
    expect(await lookup(b, 'postmaster@alone.org')).toEqual([]);
  });
}
