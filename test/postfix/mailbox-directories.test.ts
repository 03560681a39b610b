/** Directories of renamed and deleted mailboxes, moved by a worker that runs as the owner of the mail. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../kit/src/cli/cli.js';
import { requireSuite, until } from '../kit/src/servers/index.js';
import { type Daemon, startDaemon } from '../kit/src/servers/processes.js';
import { programPath } from '../kit/src/servers/programs.js';
import { type MailSystem, startMailSystem } from './mail-system.js';

/** A checkout in somebody's closed home can be used by root only; then root has to own the mail as well. */
function isOpen(path: string): boolean {
  for (let at = dirname(path); at !== '/'; at = dirname(at)) if ((statSync(at).mode & 0o005) !== 0o005) return false;
  return true;
}

describe.skipIf(!requireSuite('mail'))('directories of mailboxes', () => {
  const owner = isOpen(program) && isOpen(process.execPath) ? 'vmail' : 'root';
  let mail: MailSystem;
  let worker: Daemon | undefined;

  const home = (local: string, domain = 'one.test'): string => join(mail.stack.vmailRoot, domain, local);
  const startWorker = (): Promise<Daemon> =>
    startDaemon(
      programPath('setpriv'),
      [
        ...['--reuid', owner, '--regid', owner, '--groups', 'postfix'],
        ...[process.execPath, program, 'worker', '--queue', 'mailboxes', '--instance', mail.instance.directory],
      ],
      { signal: 'SIGTERM' },
    );

  beforeAll(async () => {
    mail = await startMailSystem('sqlite');
    await mail.tell('domain', 'create', 'one.test');
    await mail.tell('domain', 'create', 'other.test');
    await Promise.all(['near@one.test', 'far@one.test', 'leaver@one.test'].map((one) => mail.addAccount(one)));
    await mail.tell('parameter', 'set', 'admin.mailboxes_owner', owner);
    await mail.tell('parameter', 'set', 'admin.mailboxes_root', mail.stack.vmailRoot);
    await mail.tell('parameter', 'set', 'admin.handle_mailboxes', 'true');
    await mail.tell('parameter', 'set', 'admin.trash_days', '0');
  }, 120_000);

  afterAll(async () => {
    await worker?.stop();
    await mail?.[Symbol.asyncDispose]();
  }, 60_000);

  it('follow the mailbox, whose mail waits meanwhile', async () => {
    const old = ['near@one.test', 'far@one.test', 'leaver@one.test'];
    await Promise.all(old.map((to) => mail.accepted(to, `to ${to}`)));
    await Promise.all(old.map((to) => mail.received(to, `to ${to}`)));
    await mail.tell('alias', 'create', 'inner@one.test', '--recipient', 'near@one.test');
    await mail.tell('alias', 'create', 'outer@other.test', '--recipient', 'inner@one.test');
    await mail.tell('account', 'update', 'near@one.test', '--rename', 'nearer@one.test');
    await mail.tell('account', 'update', 'far@one.test', '--rename', 'farther@other.test');
    await mail.tell('account', 'delete', 'leaver@one.test', '--yes');
    for (const to of ['nearer@one.test', 'farther@other.test', 'inner@one.test', 'outer@other.test']) {
      expect((await mail.deliver(to, 'too early')).rejected[0], to).toMatchObject({ code: 450 });
    }

    worker = await startWorker();
    await until(
      'the directories to be moved',
      90,
      () => {
        if (worker?.exitCode() !== undefined) throw new Error(`the worker ended: ${worker.output()}`);
        return existsSync(home('nearer')) && existsSync(home('farther', 'other.test')) && !existsSync(home('leaver'));
      },
      200,
    );
    expect([home('near'), home('far')].filter((path) => existsSync(path))).toEqual([]);
    await mail.acceptedAgain('nearer@one.test', 'to the new name');
    await mail.acceptedAgain('farther@other.test', 'to the new domain');
    await mail.acceptedAgain('outer@other.test', 'by two aliases');
    await mail.receivedAll('nearer@one.test', ['to near@one.test', 'to the new name', 'by two aliases']);
    await mail.receivedAll('farther@other.test', ['to far@one.test', 'to the new domain']);
    expect(await mail.run('account', 'show', 'farther@other.test')).toMatchObject({ quota_used_messages: 2 });

    // the name is free for somebody else, who finds nothing of the one before
    await mail.addAccount('leaver@one.test');
    await mail.acceptedAgain('leaver@one.test', 'a new beginning');
    await mail.received('leaver@one.test', 'a new beginning');
    expect(await mail.subjects('leaver@one.test')).toEqual(['a new beginning']);
  }, 150_000);
});
