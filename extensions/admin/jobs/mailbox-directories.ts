import { userInfo } from 'node:os';
import { type JobContext, job, messages } from '@posthorn/sdk';
import type { MailboxOperationType } from '../contract/mailbox-operation.js';
import { adminParameters } from '../contract/parameters.js';
import { problem } from '../problems.js';
import { MailboxDirectories } from '../services/mailbox-directories.js';

const t = messages('admin');
const AT_ONCE = 200;

interface Operation {
  readonly id: number;
  readonly type: MailboxOperationType;
  /** The address whose directory is moved or removed, or where it lies aside. */
  readonly argument: string;
  /** Where a `move` puts it. */
  readonly target: string | null;
  /** The mailbox's address now; null where it is gone. */
  readonly address: string | null;
  readonly [column: string]: unknown;
}

const NEXT = `select o.id, o.type, o.argument, o.target, m.address || '@' || d.name as address
  from admin_mailboxoperation o
  left join admin_mailbox m on m.id = o.mailbox_id
  left join admin_domain d on d.id = m.domain_id
  where o.id > ? order by o.id limit ${AT_ONCE}`;

/**
 * Does on disk what was done to mailboxes. Its queue is served by a worker that runs as the owner of the directories
 * (`posthorn worker --queue mailboxes`), so that the web process needs no right on anybody's mail. While an operation
 * waits, Postfix answers 450 for the mailbox; one that fails stays, and the log says why.
 */
export const mailboxDirectories = job({
  id: 'mailbox-directories',
  title: t('Move and remove directories of mailboxes'),
  queue: 'mailboxes',
  cron: '* * * * *',
  timeoutMs: 30 * 60_000,
  retries: 0,
  async run(_payload, context) {
    const p = await context.parameters(adminParameters);
    if (!p.handle_mailboxes || p.mailboxes_root === '') return;
    requireOwner(p.mailboxes_owner);
    const directories = new MailboxDirectories(p.mailboxes_root);
    let failures = 0;
    const stuck = new Set<string>();
    let after = 0;
    for (;;) {
      const operations = await context.data.execute<Operation>(NEXT, [after]);
      for (const operation of operations) {
        context.signal.throwIfAborted();
        after = operation.id;
        const places = [operation.argument, operation.target, operation.address].filter((place) => place !== null);
        // What follows at a place counts on what came before.
        if (places.some((place) => stuck.has(place))) continue;
        if (await perform(operation, directories, context)) continue;
        for (const place of places) stuck.add(place);
        failures += 1;
      }
      if (operations.length < AT_ONCE) break;
    }
    if (failures > 0) throw problem('E_ADMIN_DIRECTORIES', { count: failures });
  },
});

async function perform(o: Operation, directories: MailboxDirectories, context: JobContext): Promise<boolean> {
  try {
    const to = o.type === 'rename' ? o.address : o.target;
    const outcome = to === null ? await directories.remove(o.argument) : await directories.move(o.argument, to);
    await context.data.execute('delete from admin_mailboxoperation where id = ?', [o.id]);
    context.log.info({ operation: o.type, address: o.argument, to, outcome }, 'directory of a mailbox');
    return true;
  } catch (error) {
    context.log.error(
      { operation: o.type, address: o.argument, to: o.target ?? o.address, err: error },
      'directory of a mailbox',
    );
    return false;
  }
}

/** Mail that belongs to somebody else could be neither moved nor read afterwards. */
function requireOwner(owner: string): void {
  const { username } = userInfo();
  if (username !== owner) throw problem('E_ADMIN_DIRECTORIES_OWNER', { owner, username });
}
