/** Mail that is handed on: two mail servers, of which the second keeps what the first relays. */
import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireSuite } from '../kit/src/servers/index.js';
import { type MailSystem, password, startMailSystem } from './mail-system.js';

describe.skipIf(!requireSuite('mail'))('handing mail on', () => {
  let mail: MailSystem;
  let next: MailSystem;
  const relay = (verb: string, ...rest: readonly string[]) => mail.run('relaydomain', verb, 'relay.test', ...rest);
  const nextPort = () => String(next.stack.ports.smtp);

  beforeAll(async () => {
    [mail, next] = await Promise.all([
      startMailSystem('sqlite'),
      // One that greets with our own name would be taken for ourselves.
      startMailSystem('sqlite', { hostname: 'next.posthorn.test' }),
    ]);
    await Promise.all([
      (async () => {
        await next.tell('domain', 'create', 'relay.test');
        await next.addAccount('known@relay.test');
        await next.addAccount('sender@relay.test');
      })(),
      (async () => {
        await mail.tell('domain', 'create', 'one.test');
        await mail.addAccount('alice@one.test');
        await relay('create', '--target-host', '127.0.0.1', '--target-port', nextPort());
      })(),
    ]);
  }, 180_000);

  afterAll(async () => {
    await Promise.all([mail?.[Symbol.asyncDispose](), next?.[Symbol.asyncDispose]()]);
  }, 60_000);

  it('gives mail for a relay domain to its server, and takes what is not verified', async () => {
    await mail.accepted('known@relay.test', 'handed on');
    await next.received('known@relay.test', 'handed on');
    // Nobody has asked the next server: the sender is told later.
    await mail.accepted('nobody@relay.test', 'for nobody');
    await mail.stack.waitForSink(({ from, raw }) => from === '' && raw.includes('for nobody'), 20);
  });

  it('takes nothing for what lies below a relay domain, and nothing for strangers', async () => {
    for (const to of ['x@below.relay.test', 'x@elsewhere.test']) {
      expect((await mail.deliver(to, 'passing through')).rejected[0], to).toMatchObject({ code: 554 });
    }
  });

  it('hands on what an alias and another name of the domain lead to', async () => {
    await mail.tell('domainalias', 'create', 'relay-too.test', '--target', 'relay.test');
    await mail.tell('alias', 'create', 'both@one.test', '--recipient', 'known@relay.test');
    await mail.accepted('known@relay-too.test', 'under another name');
    await mail.accepted('both@one.test', 'by an alias');
    await next.receivedAll('known@relay.test', ['under another name', 'by an alias']);
    expect((await mail.instance.must(['resolve', 'both@one.test', '--quiet'])).stdout).toContain(
      `handed on to [127.0.0.1]:${nextPort()} by the service relay`,
    );
  });

  it('refuses recipients that the server does not know, once they are verified', async () => {
    await relay('update', '--verify-recipients');
    await mail.acceptedAgain('known@relay.test', 'verified');
    await next.received('known@relay.test', 'verified');
    expect(await mail.refusal('nobody2@relay.test')).toMatchObject({ code: 550 });
    expect(await mail.refusal('nobody2@relay-too.test')).toMatchObject({ code: 550 });
    await relay('update', '--no-verify-recipients');
    await mail.acceptedAgain('nobody3@relay.test', 'no longer verified');
  }, 60_000);

  it('keeps mail for mailboxes that are here, also beyond ASCII and under a tag, and hands on the rest', async () => {
    const here = ['here@relay.test', 'ici-é@relay.test'];
    await Promise.all(here.map((one) => mail.addAccount(one)));
    await Promise.all(here.map((one) => mail.accepted(one, `kept for ${one}`)));
    await mail.accepted('here+tag@relay.test', 'kept with a tag');
    await mail.accepted('known@relay.test', 'not here');
    await mail.receivedAll('here@relay.test', ['kept for here@relay.test', 'kept with a tag']);
    await mail.received('ici-é@relay.test', 'kept for ici-é@relay.test');
    await next.received('known@relay.test', 'not here');
    await mail.tell('account', 'update', 'here@relay.test', '--disable');
    await mail.accepted('here@relay.test', 'while disabled');
    await mail.tell('account', 'update', 'here@relay.test', '--enable');
    await mail.received('here@relay.test', 'while disabled');
  }, 60_000);

  it('follows a changed target, a new name and the domain being disabled, without a reload', async () => {
    await relay('update', '--target-port', String(mail.stack.ports.sink));
    await mail.accepted('known@relay.test', 'to the other server');
    await mail.stack.waitForSink(({ subject }) => subject === 'to the other server');

    await relay('update', '--rename', 'renamed.test');
    expect((await mail.refusal('known@relay.test')).code).toBe(554);
    await mail.accepted('known@renamed.test', 'under the new name');
    await mail.stack.waitForSink(({ subject }) => subject === 'under the new name');
    await mail.run('relaydomain', 'update', 'renamed.test', '--rename', 'relay.test', '--target-port', nextPort());

    await relay('update', '--no-enabled');
    expect((await mail.refusal('known@relay.test')).code).toBe(554);
    expect((await mail.refusal('here@relay.test')).code).toBe(554);
    await relay('update', '--enabled');
    await mail.acceptedAgain('known@relay.test', 'enabled again');
    await next.received('known@relay.test', 'enabled again');
  }, 60_000);

  it('no longer hands on what has become a domain here, and again what became a relay domain', async () => {
    await mail.tell('domain', 'update', 'relay.test', '--type', 'domain');
    expect((await mail.refusal('known@relay.test')).code).toBe(550);
    await mail.tell('domain', 'update', 'relay.test', '--type', 'relaydomain');
    await relay('update', '--target-host', '127.0.0.1', '--target-port', nextPort());
    await mail.acceptedAgain('known@relay.test', 'a relay domain again');
    await next.received('known@relay.test', 'a relay domain again');
  }, 60_000);

  it('sends what comes from a domain through its smarthost, with its password', async () => {
    await next.tell('senderaddress', 'create', '@one.test', '--mailbox', 'sender@relay.test');
    const secret = await mail.instance.secretFile(password);
    await mail.tell(
      ...['transport', 'create', '@one.test', '--service', 'smarthost', '--setting', 'target_host=127.0.0.1'],
      ...['--setting', `target_port=${next.stack.ports.submission}`, '--setting', 'username=sender@relay.test'],
      ...['--secret-file', `password=${secret}`],
    );
    await mail.instance.must(['maps', 'write', mail.stack.mapsDir]);
    const file = join(mail.stack.mapsDir, 'posthorn-smarthost-passwords');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    await appendFile(
      join(mail.stack.postfixDir, 'master.cf'),
      [
        'smarthost unix - - n - - smtp',
        '  -o smtp_sasl_auth_enable=yes -o smtp_sender_dependent_authentication=yes',
        '  -o smtp_sasl_security_options=noanonymous -o smtp_tls_security_level=encrypt',
        `  -o smtp_sasl_password_maps=texthash:${file}`,
        '',
      ].join('\n'),
    );
    await mail.stack.reloadPostfix();
    expect(await mail.submit('alice@one.test', 'alice@one.test', 'by the smarthost')).toMatchObject({ sent: true });
    const left = await next.stack.waitForSink(({ subject }) => subject === 'by the smarthost', 20);
    expect(left).toMatchObject({ from: 'alice@one.test' });
    expect(mail.stack.sink().map(({ subject }) => subject)).not.toContain('by the smarthost');
    expect(await next.stack.log()).toContain('sasl_username=sender@relay.test');
    // Mail for our own domains stays here.
    expect((await mail.deliver('alice@one.test', 'stays here')).sent).toBe(true);
    await mail.received('alice@one.test', 'stays here');
  }, 60_000);

  it('answers as Postfix asks, of every map', async () => {
    const asked = async (map: string, key: string) => [key, await mail.stack.postmap(map, key)];
    expect(
      await Promise.all([
        asked('sql-relaydomains.cf', 'relay.test'),
        asked('sql-transport.cf', 'relay.test'),
        asked('sql-sender-transport.cf', '@one.test'),
        asked('sql-spliteddomains-transport.cf', 'here@relay.test'),
        asked('sql-relay-recipient-verification.cf', 'x@relay.test'),
        asked('sql-relay-recipient-acceptance.cf', 'x@relay.test'),
      ]),
    ).toEqual([
      ['relay.test', 'relay.test'],
      ['relay.test', `relay:[127.0.0.1]:${nextPort()}`],
      ['@one.test', `smarthost:[127.0.0.1]:${next.stack.ports.submission}`],
      ['here@relay.test', 'lmtp:unix:private/dovecot-lmtp'],
      ['x@relay.test', undefined],
      ['x@relay.test', 'permit'],
    ]);
  });
});
