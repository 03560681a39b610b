import { testHost } from '../kit/src/test-host.js';
import { describe, expect, it } from 'vitest';

describe('a host without extensions', () => {
  it('boots, migrates and makes an administrator', async () => {
    await using host = await testHost({ with: [] });
    const account = await host.kernel.accounts.create(host.system, { username: 'Admin', role: 'SuperAdmins', password: 'Toto1234' });
    expect(account.username).toBe('admin');
    expect(await host.kernel.accounts.verify('ADMIN', 'Toto1234')).toMatchObject({ id: account.id });
    expect(await host.kernel.accounts.verify('admin', 'toto1234')).toBeNull();
    expect(await host.kernel.accounts.verify('nobody', 'Toto1234')).toBeNull();
  });
});
