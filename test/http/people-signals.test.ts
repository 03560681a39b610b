/** What extensions hear of people: sign-ins and sign-outs by every door, passwords, and the guards before them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mayChangePassword, maySignIn, passwordChanged, passwordGiven, signedIn, signedOut } from '@posthorn/sdk';
import { type TestHost, testHost } from '@posthorn/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PASSWORD = 'Wind-in-42-Weiden';
const OTHER = 'Regen-in-24-Erlen';

let host: TestHost;
let id: number;
beforeEach(async () => {
  host = await testHost({ with: [fileURLToPath(new URL('../../extensions/admin/', import.meta.url))] });
  // Signals that nobody hears are not stored.
  host.hook(signedIn);
  host.hook(signedOut);
  host.hook(passwordChanged);
  const passwords = { username: 'anna', role: 'SimpleUsers', password: PASSWORD };
  id = (await host.kernel.accounts.create(host.system, passwords)).id;
});
afterEach(() => host[Symbol.asyncDispose]());

const anna = () => ({ id, username: 'anna', role: 'SimpleUsers' });
const ins = () => host.hook(signedIn).calls;
const outs = () => host.hook(signedOut).calls;
const causes = () => outs().map(({ cause }) => cause);
const account = async () => (await host.kernel.accounts.findById(id)) ?? expect.fail('anna is gone');
const signIn = (password = PASSWORD) =>
  host.guest.post('/accounts/login/', { username: 'anna', password, rememberme: '', next: '' });

describe('signing in', () => {
  it('is told once, with the session and where it comes from', async () => {
    expect((await signIn()).url).toBe('/user/');
    const [session] = await host.kernel.sessions.list(id);
    expect(ins()).toEqual([{ account: anna(), session: session?.id, address: '127.0.0.1' }]);
    expect(outs()).toEqual([]);
  });

  it('is not told where it did not succeed: a wrong password, or a guard that refuses', async () => {
    await signIn('wrong');
    host.hook(maySignIn).deny('Not on Sundays.');
    const kept = await signIn();
    expect(kept.text).toContain('Not on Sundays.');
    expect(host.hook(maySignIn).calls).toEqual([{ account: anna(), address: '127.0.0.1', door: 'page' }]);
    expect(ins()).toEqual([]);
    expect(await host.kernel.sessions.list(id)).toEqual([]);
  });

  it('is not told of calls with a token, nor of command lines that act as somebody', async () => {
    const { stdout } = await host.command(['token', 'create', 'anna', '--label', 'phone', '--json']);
    const answer = await host.guest.ask('/api/v1/core/me/', {
      headers: { authorization: `Token ${stdout.trim()}`, accept: 'application/json' },
    });
    expect(answer.status).toBe(200);
    await host.kernel.accounts.create(host.system, { username: 'boss', role: 'SuperAdmins', password: OTHER });
    expect((await host.command(['--as', 'boss', 'session', 'list', 'anna'])).code).toBe(0);
    expect(ins()).toEqual([]);
  });
});

describe('the end of a session is told, with its cause:', () => {
  it('its owner signs out, and signs in anew in the same browser', async () => {
    await signIn();
    await host.guest.post('/accounts/logout/');
    expect(outs()).toEqual([
      { account: anna(), session: ins()[0]?.session, address: '127.0.0.1', cause: 'signed-out' },
    ]);
    await signIn();
    await signIn();
    expect(causes()).toEqual(['signed-out', 'replaced']);
    expect(outs().map(({ session }) => session)).toEqual(
      ins()
        .slice(0, 2)
        .map(({ session }) => session),
    );
  });

  it('a device is signed out from another one, and all at once', async () => {
    const here = await host.as('anna');
    await host.as('anna');
    const [, first] = ins().map(({ session }) => session);
    await here.post('/user/devices/revoke/', { id: String(first) });
    expect(outs()).toMatchObject([{ session: first, cause: 'ended' }]);
    await host.as('anna');
    await here.post('/user/devices/revoke-all/');
    expect(causes().sort()).toEqual(['ended', 'ended', 'signed-out']);
    expect(await host.kernel.sessions.list(id)).toEqual([]);
  });

  it('an administrator ends it, on a page and at the command line', async () => {
    const root = await host.admin();
    await host.as('anna');
    await root.post(`/admin/accounts/${id}/sessions/end/`);
    expect(causes()).toEqual(['ended']);
    await host.as('anna');
    expect((await host.command(['session', 'end', 'anna'])).code).toBe(0);
    expect(outs().map((event) => event.account)).toEqual([anna(), anna()]);
  });

  it.each([
    ['password-changed', async () => host.kernel.accounts.update(host.system, await account(), { password: OTHER })],
    ['disabled', async () => host.kernel.accounts.update(host.system, await account(), { is_active: false })],
    ['deleted', async () => host.kernel.accounts.remove(host.system, await account())],
    ['expired', async () => host.clock.advance('13h').then(() => host.jobs.run('core.purge-sessions'))],
  ] as const)('%s', async (cause, happen) => {
    await host.as('anna');
    await host.as('anna');
    await happen();
    await expect.poll(causes).toEqual([cause, cause]);
    expect(outs().map(({ session }) => session)).toEqual(ins().map(({ session }) => session));
  });

  it('what is taken back is not told', async () => {
    await host.as('anna');
    const failing = host.context('core').data.write(async () => {
      await host.kernel.sessions.endAll(id, 'ended');
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    expect(outs()).toEqual([]);
    expect(await host.kernel.sessions.list(id)).toHaveLength(1);
  });
});

describe('another password', () => {
  const typed = { current: PASSWORD, password: OTHER, confirmation: OTHER };

  it('is told by every door, and in clear only to those who ask for that', async () => {
    const here = await host.as('anna');
    await here.post('/user/password/', typed);
    expect(host.hook(passwordChanged).calls).toMatchObject([{ account: anna(), actor: { username: 'anna' } }]);
    expect(JSON.stringify(host.hook(passwordChanged).calls)).not.toContain(OTHER);
    expect(passwordGiven.isSecret).toBe(true);
    const heard = host.hook(passwordGiven);
    await host
      .context('core')
      .data.write(async () => host.kernel.accounts.update(host.system, await account(), { password: PASSWORD }));
    await host.kernel.accounts.create(host.system, { username: 'bert', role: 'SimpleUsers', password: OTHER });
    await host.kernel.accounts.create(host.system, { username: 'carl', role: 'SimpleUsers', passwordHash: '{PLAIN}x' });
    await expect
      .poll(() => heard.calls.map((event) => [event.account.username, event.password, event.isNew]))
      .toEqual([
        ['anna', PASSWORD, false],
        ['bert', OTHER, true],
      ]);
  });

  it('may be refused: the page offers no form, and no door gets past', async () => {
    const here = await host.as('anna');
    expect((await here.get('/user/')).forms.map(({ action }) => action)).toContain('/user/password/');
    const guard = host.hook(mayChangePassword).deny('Passwords come from the directory.');
    const page = await here.get('/user/');
    expect(page.text).toContain('Passwords come from the directory.');
    expect(page.forms.map(({ action }) => action)).not.toContain('/user/password/');
    expect(guard.calls[0]).toMatchObject({ account: anna(), actor: { username: 'anna' } });
    const sent = await here.post('/user/password/', typed);
    expect(sent.text).toContain('Passwords come from the directory.');
    const file = join(host.config.directory, 'password.txt');
    await writeFile(file, OTHER, { mode: 0o600 });
    await expect(host.command(['account', 'update', 'anna', '--password-file', file])).resolves.toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Passwords come from the directory.'),
    });
    const byHash = host.kernel.accounts.update(host.system, await account(), { passwordHash: '{PLAIN}other' });
    await expect(byHash).rejects.toMatchObject({ kind: 'refused' });
    expect(await host.kernel.accounts.verify('anna', PASSWORD)).not.toBeNull();
    // Anything else may be changed.
    await host.kernel.accounts.update(host.system, await account(), { first_name: 'Anna' });
  });
});
