/** A whole mail server, put together as an operator would: `posthorn init`, files written by Posthorn, real servers. */

import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import {
  type DatabaseServer,
  type ImapSession,
  imap,
  loginFails,
  type MailEngine,
  type Mailstack,
  type MailstackOptions,
  type SendMailOptions,
  type SendMailResult,
  type SmtpRecipientReply,
  sendMail,
  startMailstack,
  startMariadb,
  startPostgres,
  until,
} from '../kit/src/servers/index.js';

/** Somebody in the internet. */
export const outside = 'friend@elsewhere.test';

/** Every account's password unless a test says otherwise. */
export const password = 'Kiesel-und-73-Wale';

type Extra = Partial<Pick<SendMailOptions, 'text' | 'from' | 'size' | 'smtpUtf8'>>;

/** Where the database of an instance lies, for files that a test writes itself. */
export type DatabasePlace =
  | { readonly engine: 'sqlite'; readonly file: string }
  | {
      readonly engine: 'postgresql' | 'mariadb';
      readonly host: string;
      readonly port: number;
      readonly name: string;
      readonly user: string;
      readonly password: string;
      /** SQL through the vendor's client. */
      readonly sql: (statements: string) => Promise<string>;
    };

export interface MailSystem extends AsyncDisposable {
  readonly instance: Instance;
  readonly stack: Mailstack;
  readonly database: DatabasePlace;
  /** `posthorn …`, which has to succeed; returns the one object it prints. */
  run(...args: string[]): Promise<Readonly<Record<string, unknown>>>;
  /** `posthorn …` for a command that prints no object. */
  tell(...args: string[]): Promise<void>;
  /** `account create` with the usual password. */
  addAccount(address: string, ...options: string[]): Promise<void>;
  setPassword(address: string, to: string): Promise<void>;
  /** Mail from outside to the public port. */
  deliver(to: string, subject: string, extra?: Extra): Promise<SendMailResult>;
  /** The same for mail that has to be taken, at once. */
  accepted(to: string, subject: string, extra?: Extra): Promise<void>;
  /** The same for an address that was refused a moment ago, which Postfix remembers for a second or two. */
  acceptedAgain(to: string, subject: string): Promise<void>;
  /**
   * Waits until mail for an address that was good is refused, since Postfix remembers it for seconds; returns the
   * answer.
   */
  refusal(to: string): Promise<SmtpRecipientReply>;
  /** Mail to the outside through the submission port. */
  submit(user: string, from: string, subject: string, secret?: string): Promise<SendMailResult>;
  signIn(user: string, secret?: string): Promise<ImapSession>;
  isRefused(user: string, secret?: string): Promise<boolean>;
  /** Waits for a message and returns its source. */
  received(user: string, subject: string): Promise<string>;
  /** Waits for several messages. */
  receivedAll(user: string, subjects: readonly string[]): Promise<void>;
  subjects(user: string): Promise<string[]>;
}

interface MailSystemOptions extends Pick<MailstackOptions, 'quotaStatus' | 'hostname'> {
  /** Files for Dovecot other than the ones that Posthorn writes. */
  readonly dovecot?: (place: DatabasePlace) => MailstackOptions['dovecot'];
}

/**
 * A server whose sessions are not in UTC, as most are not: moments that Posthorn writes and the mail servers compare must
 * not depend on it.
 */
async function startServer(engine: 'postgresql' | 'mariadb'): Promise<{ server: DatabaseServer; name: string }> {
  const server = engine === 'postgresql' ? await startPostgres() : await startMariadb();
  const { name } = await server.createDatabase();
  await server.sql(
    name,
    engine === 'postgresql' ? `ALTER DATABASE ${name} SET timezone TO 'Asia/Tokyo'` : "SET GLOBAL time_zone = '+09:00'",
  );
  return { server, name };
}

export async function startMailSystem(engine: MailEngine, options: MailSystemOptions = {}): Promise<MailSystem> {
  const parts = new AsyncDisposableStack();
  try {
    const made = engine === 'sqlite' ? undefined : await startServer(engine);
    if (made !== undefined) parts.use(made.server);
    const instance = await freshInstance(made === undefined ? {} : { database: made.server.url(made.name) });
    parts.use(instance);
    const place = placeOf(engine, instance, made);
    const stack = await startMailstack({
      engine,
      quotaStatus: options.quotaStatus ?? false,
      ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
      async maps(dir) {
        await instance.must(['maps', 'write', dir]);
      },
      dovecot:
        options.dovecot?.(place) ??
        (async (dir, { vmailRoot, uid, gid, postfixSpool }) => {
          const numbers = ['--uid', String(uid), '--gid', String(gid)];
          await instance.must([
            ...['dovecot', 'write', dir, '--mail-home', vmailRoot],
            ...numbers,
            ...['--postfix-spool', postfixSpool, '--sieve'],
          ]);
        }),
    });
    parts.use(stack);
    return system(instance, stack, place, parts.move());
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

function placeOf(
  engine: MailEngine,
  instance: Instance,
  made: { server: DatabaseServer; name: string } | undefined,
): DatabasePlace {
  if (engine === 'sqlite' || made === undefined) return { engine: 'sqlite', file: instance.sqliteFile ?? '' };
  const { host, port, user, password: secret } = made.server;
  return {
    engine,
    host,
    port,
    name: made.name,
    user,
    password: secret,
    sql: (statements) => made.server.sql(made.name, statements),
  };
}

function system(
  instance: Instance,
  stack: Mailstack,
  database: DatabasePlace,
  parts: AsyncDisposableStack,
): MailSystem {
  const { ports } = stack;
  const login = (user: string, secret = password) => ({ port: ports.imap, user, password: secret });
  const deliver = (to: string, subject: string, extra: Extra = {}): Promise<SendMailResult> =>
    sendMail({ port: ports.smtp, from: outside, to, subject, ...extra });
  const lastWords = async (): Promise<string> => (await stack.log()).split('\n').slice(-20).join('\n');
  return {
    instance,
    stack,
    database,
    run: async (...args) => (await instance.must([...args, '--json'])).json(),
    async tell(...args) {
      await instance.must(args);
    },
    async addAccount(address, ...more) {
      await instance.must(['account', 'create', address, '--password-file', '-', ...more], { stdin: `${password}\n` });
    },
    async setPassword(address, to) {
      await instance.must(['account', 'update', address, '--password-file', await instance.secretFile(to)]);
    },
    deliver,
    async accepted(to, subject, extra) {
      const result = await deliver(to, subject, extra);
      if (!result.sent)
        throw new Error(`mail for ${to} was not taken: ${JSON.stringify(result)}\n${await lastWords()}`);
    },
    async acceptedAgain(to, subject) {
      await until(`mail for ${to} to be taken again`, 10, async () => (await deliver(to, subject)).sent, 300);
    },
    refusal: (to) =>
      until(`mail for ${to} to be refused`, 15, async () => (await deliver(to, 'for nobody')).rejected[0], 500),
    submit: (user, from, subject, secret = password) =>
      sendMail({
        port: ports.submission,
        starttls: true,
        auth: { user, password: secret },
        from,
        to: outside,
        subject,
      }),
    signIn: (user, secret) => imap(login(user, secret)),
    isRefused: (user, secret) => loginFails(login(user, secret)),
    async received(user, subject) {
      await using session = await imap(login(user));
      return await session.waitForSubject(subject, 15);
    },
    async receivedAll(user, subjects) {
      await using session = await imap(login(user));
      for (const subject of subjects) await session.waitForSubject(subject, 15);
    },
    async subjects(user) {
      await using session = await imap(login(user));
      return await session.subjects();
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
