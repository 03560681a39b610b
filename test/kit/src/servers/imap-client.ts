import { ImapFlow } from 'imapflow';
import { until } from './wait.js';

export interface ImapLogin {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** TLS from the first byte (port `imaps`); otherwise STARTTLS is used, the certificate is never checked. */
  readonly secure?: boolean;
}

/** Quota as IMAP reports it, in bytes and messages; a part without a limit is missing. */
export interface MailboxQuota {
  readonly storage?: { readonly used: number; readonly limit: number };
  readonly messages?: { readonly used: number; readonly limit: number };
}

/** A logged-in IMAP session with the few questions tests ask. */
export interface ImapSession extends AsyncDisposable {
  /** Subjects in a folder (INBOX unless given), oldest first, decoded. */
  subjects(folder?: string): Promise<string[]>;
  /** Waits until a message with that subject is in the folder; returns its source. Throws after `seconds` (10). */
  waitForSubject(subject: string, seconds?: number, folder?: string): Promise<string>;
  /** Quota root of INBOX; undefined when the mailbox is not limited. */
  quota(): Promise<MailboxQuota | undefined>;
  /** The client itself, for anything else. */
  readonly client: ImapFlow;
  close(): Promise<void>;
}

function makeClient({ port, user, password, secure = false }: ImapLogin): ImapFlow {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  // without a listener, a connection that the server drops would be an uncaught exception
  client.on('error', () => {});
  return client;
}

/** One resource of a quota answer. imapflow says `usage` where its types say `used`. */
function part(resource: object | undefined): { readonly used: number; readonly limit: number } | undefined {
  const { usage = 0, limit } = (resource ?? {}) as { readonly usage?: number; readonly limit?: number };
  return limit === undefined ? undefined : { used: usage, limit };
}

/** Logs in; a refused login throws. */
export async function imap(login: ImapLogin): Promise<ImapSession> {
  const client = makeClient(login);
  await client.connect();

  const messages = async (folder: string): Promise<{ subject: string; uid: number }[]> => {
    const lock = await client.getMailboxLock(folder);
    try {
      await client.noop();
      if (client.mailbox === false || client.mailbox.exists === 0) return [];
      const found: { subject: string; uid: number }[] = [];
      for await (const message of client.fetch('1:*', { envelope: true, uid: true })) {
        found.push({ subject: message.envelope?.subject ?? '', uid: message.uid });
      }
      return found;
    } finally {
      lock.release();
    }
  };
  const source = async (folder: string, uid: number): Promise<string> => {
    const lock = await client.getMailboxLock(folder);
    try {
      const message = await client.fetchOne(String(uid), { source: true }, { uid: true });
      return message === false ? '' : (message?.source?.toString('utf8') ?? '');
    } finally {
      lock.release();
    }
  };
  const close = async (): Promise<void> => {
    await client.logout().catch(() => client.close());
  };

  return {
    client,
    subjects: async (folder = 'INBOX') => (await messages(folder)).map((message) => message.subject),
    async waitForSubject(subject, seconds = 10, folder = 'INBOX') {
      const { uid } = await until(`a message "${subject}" in ${login.user}/${folder}`, seconds, async () =>
        (await messages(folder)).find((message) => message.subject === subject),
      );
      return source(folder, uid);
    },
    async quota() {
      const quota = await client.getQuota('INBOX');
      if (quota === false || quota === undefined) return undefined;
      const storage = part(quota.storage);
      const count = part(quota.messages);
      if (storage === undefined && count === undefined) return undefined;
      return {
        ...(storage === undefined ? {} : { storage }),
        ...(count === undefined ? {} : { messages: count }),
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Whether the server refuses the login; false when it works. Anything but a refusal (no server, time-out) throws. */
export async function loginFails(login: ImapLogin): Promise<boolean> {
  const client = makeClient(login);
  try {
    await client.connect();
  } catch (error) {
    client.close();
    if (error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true) return true;
    throw error;
  }
  await client.logout().catch(() => client.close());
  return false;
}
