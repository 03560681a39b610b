import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { makeCertificate } from './certificate.js';
import { dovecotConf } from './dovecot-config.js';
import { freePort } from './free-port.js';
import {
  commandFilter,
  type MailEngine,
  mainCf,
  mapType,
  masterCf,
  type PostfixLayout,
  readParameters,
  type SmtpUtf8Mode,
} from './postfix-config.js';
import { adopt, type Daemon, type RunResult, run, startDaemon, stopPid, tryRun } from './processes.js';
import { missingFor, programPath } from './programs.js';
import { type SinkMessage, startSink } from './sink.js';
import { makeTempDir, removeTempDir } from './temp-dir.js';
import { groupId, systemUser } from './users.js';
import { until } from './wait.js';

/** What Posthorn writes beside the files that Postfix and Dovecot read: settings for their main files. */
const mainCfExample = 'posthorn-main.cf.example';
const dovecotSnippet = 'posthorn-dovecot.conf';

/** What the callback that writes Dovecot's files gets to know. */
export interface DovecotTarget {
  /** Homes go to `<vmailRoot>/<domain>/<local part>`. */
  readonly vmailRoot: string;
  /** Ids of the user vmail, owner of all mailboxes. */
  readonly uid: number;
  readonly gid: number;
  /** Postfix's queue directory: Dovecot's sockets for it belong into `private` below. */
  readonly postfixSpool: string;
}

export interface MailstackOptions {
  readonly engine: MailEngine;
  /** The SQLite file, whose directory gets the rights that Postfix and Dovecot need. Ignored for the servers. */
  readonly sqliteFile?: string;
  /**
   * Writes Postfix's map files into `dir`. `sql-domains.cf` must be among them; `sql-domain-aliases.cf`,
   * `sql-aliases.cf`, `sql-sender-login-map.cf`, `sql-maintain.cf`, `sql-relaydomains.cf`, `sql-transport.cf`,
   * `sql-spliteddomains-transport.cf` and `sql-relay-recipient-verification.cf` are put to use when they exist. The
   * settings of a `posthorn-main.cf.example` count more than the rig's own; the files then keep the rights they have.
   */
  readonly maps: (dir: string) => Promise<void>;
  /**
   * Writes dovecot-sql.conf.ext and dovecot-dict-sql.conf.ext into `dir`, and posthorn-postlogin.sh where the
   * last login is to be recorded (it runs as vmail, group postfix). A `posthorn-dovecot.conf` among them is included
   * and stands in for what the rig would say about mail and accounts; all files then keep the rights they have.
   */
  readonly dovecot: (dir: string, target: DovecotTarget) => Promise<void>;
  /**
   * Whether a full mailbox refuses at RCPT time (552 5.2.2, through Dovecot's quota-status service). Off, the message is
   * accepted and Postfix sends a bounce after Dovecot's LMTP server has answered 552.
   */
  readonly quotaStatus?: boolean;
  /** What happens to mail marked with SMTPUTF8; `strip` unless given. */
  readonly smtpUtf8?: SmtpUtf8Mode;
  /** Name in greetings and bounces; `mx.posthorn.test` unless given. */
  readonly hostname?: string;
  /** Parameters that override or extend main.cf. */
  readonly mainCf?: Readonly<Record<string, string>>;
  /** Lines appended to master.cf. */
  readonly masterCf?: readonly string[];
  /** Text appended to dovecot.conf. */
  readonly dovecotConf?: string;
  /** An SMTP reply the sink gives for an outside recipient, instead of accepting it. */
  readonly sinkRefuses?: (recipient: string) => string | undefined;
}

/** Loopback ports of a mail stack. */
export interface MailstackPorts {
  /** What the internet would talk to (25). */
  readonly smtp: number;
  /** Authenticated clients (587); plain text and STARTTLS. */
  readonly submission: number;
  /** Accepts anything from loopback without a check: for the application's own notices. */
  readonly trusted: number;
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly sieve: number;
  /** Where mail for the outside ends up. */
  readonly sink: number;
}

/** A message that Postfix still holds (`postqueue -j`). */
export interface QueuedMessage {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly delay_reason?: string }[];
}

/** A private Postfix and Dovecot on loopback ports. */
export interface Mailstack extends AsyncDisposable {
  readonly engine: MailEngine;
  readonly ports: MailstackPorts;
  /** Socket on which Dovecot takes mail from Postfix. */
  readonly lmtpSocket: string;
  readonly hostname: string;
  /** Everything lies below it. */
  readonly dir: string;
  /** Configuration directory for `postconf -c` and friends. */
  readonly postfixDir: string;
  readonly dovecotConfig: string;
  readonly mapsDir: string;
  readonly vmailRoot: string;
  readonly uid: number;
  readonly gid: number;
  /** Needed after every schema change on SQLite: open Dovecot connections fail their next query otherwise. */
  reloadDovecot(): Promise<void>;
  reloadPostfix(): Promise<void>;
  /** `doveadm` with our configuration; does not throw on a non-zero exit code. */
  doveadm(args: readonly string[]): Promise<RunResult>;
  /** What a map file (`sql-aliases.cf`) answers for a key; undefined when nothing. A failing query throws. */
  postmap(map: string, key: string): Promise<string | undefined>;
  queue(): Promise<QueuedMessage[]>;
  /** Tries to deliver everything that waits, now. */
  flushQueue(): Promise<void>;
  /** Both logs, Postfix's first. */
  log(): Promise<string>;
  /** Mail that left for the outside, oldest first. */
  sink(): readonly SinkMessage[];
  /** Waits for a message to the outside; throws after `seconds` (10). */
  waitForSink(matches: (message: SinkMessage) => boolean, seconds?: number): Promise<SinkMessage>;
  clearSink(): void;
  stop(): Promise<void>;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.setTimeout(5000, () => {
      socket.destroy();
      resolve(false);
    });
  });

/** Gives every file of a directory an owner, a group and a mode, unless `complete`, written with the rest, is there. */
async function protect(dir: string, complete: string, gid: number, mode: (file: string) => number): Promise<string[]> {
  const files = await readdir(dir);
  if (files.includes(complete)) return files;
  for (const file of files) {
    await chown(join(dir, file), 0, gid);
    await chmod(join(dir, file), mode(file));
  }
  return files;
}

/**
 * Lets Postfix and Dovecot at an SQLite database: directory 2770 and files 0660, group postfix. In WAL mode a reader
 * must be able to create `-wal` and `-shm`, hence the directory; its set-group-ID bit hands the group on to them.
 */
export async function shareSqlite(file: string): Promise<void> {
  const dir = dirname(file);
  const gid = groupId('postfix');
  await chown(dir, process.getuid?.() ?? 0, gid);
  await chmod(dir, 0o2770);
  for (const name of await readdir(dir)) {
    if (!name.startsWith(basename(file))) continue;
    await chown(join(dir, name), process.getuid?.() ?? 0, gid);
    await chmod(join(dir, name), 0o660);
  }
}

/**
 * Starts a private Postfix and Dovecot over the files that `maps` and `dovecot` write: needs root and the packages
 * of test/setup. Nothing system-wide is read or changed, and no mail leaves the machine.
 */
export async function startMailstack(options: MailstackOptions): Promise<Mailstack> {
  const missing = missingFor('mail');
  if (missing.length > 0) throw new Error(`program ${missing.join(', ')} is missing (test/setup installs it)`);
  if (process.getuid?.() !== 0) throw new Error('the mail servers start only as root, because they change users');

  const vmail = systemUser('vmail');
  const postfixUser = systemUser('postfix');
  const postfixGroup = groupId('postfix');
  const { engine } = options;
  const hostname = options.hostname ?? 'mx.posthorn.test';

  const dir = await makeTempDir('mail');
  const below = async (name: string, mode = 0o755, uid = 0, gid = 0): Promise<string> => {
    const path = join(dir, name);
    await mkdir(path, { recursive: true });
    await chown(path, uid, gid);
    await chmod(path, mode);
    return path;
  };
  const postfixDir = await below('postfix');
  const mapsDir = await below('maps');
  const etcDir = await below('dovecot');
  const logDir = await below('log');
  const queueDir = await below('spool');
  const dataDir = await below('data', 0o700, postfixUser.uid, postfixGroup);
  const runDir = await below('run');
  const stateDir = await below('state');
  const vmailRoot = await below('vmail', 0o750, vmail.uid, vmail.gid);
  const postfixLog = join(logDir, 'postfix.log');
  const dovecotLog = join(logDir, 'dovecot.log');
  const dovecotConfig = join(etcDir, 'dovecot.conf');
  const smtpUtf8 = options.smtpUtf8 ?? 'strip';
  const quotaStatus = options.quotaStatus ?? false;
  const lmtpSocket = join(queueDir, 'private', 'dovecot-lmtp');

  const readLog = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const log = async (): Promise<string> => (await readLog(postfixLog)) + (await readLog(dovecotLog));

  let sink: Awaited<ReturnType<typeof startSink>> | undefined;
  let dovecot: Daemon | undefined;
  let master: number | undefined;
  const stop = async (): Promise<void> => {
    if (master !== undefined) await stopPid(master, 'SIGTERM');
    master = undefined;
    await dovecot?.stop();
    dovecot = undefined;
    await sink?.stop();
    sink = undefined;
    await removeTempDir(dir);
  };

  try {
    const ports: MailstackPorts = {
      smtp: await freePort(),
      submission: await freePort(),
      trusted: await freePort(),
      imap: await freePort(),
      imaps: await freePort(),
      pop3: await freePort(),
      sieve: await freePort(),
      sink: await freePort(),
    };
    sink = await startSink(ports.sink, options.sinkRefuses);
    const certificate = await makeCertificate(dir, hostname);

    await options.maps(mapsDir);
    // they may hold the database's password, so only root and Postfix read them
    const mapFiles = await protect(mapsDir, mainCfExample, postfixGroup, () => 0o640);
    if (!mapFiles.includes('sql-domains.cf')) throw new Error('the callback `maps` wrote no sql-domains.cf');
    await options.dovecot(etcDir, { vmailRoot, uid: vmail.uid, gid: vmail.gid, postfixSpool: queueDir });
    // the dict process reads its file, and the post-login script is run, as vmail
    const etcFiles = await protect(etcDir, dovecotSnippet, vmail.gid, (file) => (file.endsWith('.sh') ? 0o750 : 0o640));
    if (!etcFiles.includes('dovecot-sql.conf.ext'))
      throw new Error('the callback `dovecot` wrote no dovecot-sql.conf.ext');
    if (engine === 'sqlite' && options.sqliteFile !== undefined) await shareSqlite(options.sqliteFile);

    const layout: PostfixLayout = {
      engine,
      hostname,
      mapsDir,
      smtpUtf8,
      commandFilterFile: join(postfixDir, 'command-filter.regexp'),
      quotaStatus,
      queueDir,
      dataDir,
      logFile: postfixLog,
      logPrefix: logDir,
      ...certificate,
      ports: { ...ports, inner: await freePort() },
    };
    await writeFile(layout.commandFilterFile, commandFilter(smtpUtf8));
    const example = mapFiles.includes(mainCfExample)
      ? readParameters(await readFile(join(mapsDir, mainCfExample), 'utf8'))
      : {};
    await writeFile(join(postfixDir, 'main.cf'), mainCf(layout, new Set(mapFiles), { ...example, ...options.mainCf }));
    await writeFile(join(postfixDir, 'master.cf'), masterCf(layout, options.masterCf));
    await writeFile(
      dovecotConfig,
      dovecotConf(
        {
          engine,
          hostname,
          etcDir,
          included: etcFiles.includes(dovecotSnippet),
          postLogin: etcFiles.includes('posthorn-postlogin.sh'),
          quotaStatus,
          runDir,
          stateDir,
          logFile: dovecotLog,
          postfixPrivateDir: join(queueDir, 'private'),
          ...certificate,
          firstUid: Math.min(vmail.uid, 100),
          ports,
        },
        options.dovecotConf,
      ),
    );

    const postfix = programPath('postfix');
    // creates the queue directories; Dovecot puts its two sockets into one of them
    await run(postfix, ['-c', postfixDir, 'check']);
    const running = await startDaemon(programPath('dovecot'), ['-F', '-c', dovecotConfig], { signal: 'SIGTERM' });
    dovecot = running;
    await run(postfix, ['-c', postfixDir, 'start']);
    const pidFile = join(queueDir, 'pid', 'master.pid');
    master = await until('the Postfix master', 15, async () => Number(await readLog(pidFile)) || undefined);
    adopt(master, 'SIGTERM');
    await until('Dovecot and Postfix to answer', 30, async () => {
      if (running.exitCode() !== undefined) throw new Error(`Dovecot did not start: ${running.output()}`);
      return existsSync(lmtpSocket) && (await answers(ports.imap)) && (await answers(ports.smtp));
    });

    const currentSink = sink;
    const doveadm = (args: readonly string[]): Promise<RunResult> =>
      tryRun(programPath('doveadm'), ['-c', dovecotConfig, ...args]);
    const sinkWait = (matches: (message: SinkMessage) => boolean, seconds: number): Promise<SinkMessage> =>
      until('a message to the outside', seconds, () => currentSink.messages().find(matches));

    return {
      engine,
      ports,
      lmtpSocket,
      hostname,
      dir,
      postfixDir,
      dovecotConfig,
      mapsDir,
      vmailRoot,
      uid: vmail.uid,
      gid: vmail.gid,
      async reloadDovecot() {
        await run(programPath('doveadm'), ['-c', dovecotConfig, 'reload']);
        await until('Dovecot to answer again', 10, () => answers(ports.imap));
      },
      async reloadPostfix() {
        await run(postfix, ['-c', postfixDir, 'reload']);
      },
      doveadm,
      async postmap(map, key) {
        const table = `${mapType(engine, true)}:${join(mapsDir, map)}`;
        const result = await tryRun(programPath('postmap'), ['-c', postfixDir, '-q', key, table]);
        if (result.stderr !== '') throw new Error(`postmap -q ${key} ${map}: ${result.stderr}`);
        return result.code === 0 ? result.stdout.replace(/\n$/, '') : undefined;
      },
      async queue() {
        const { stdout } = await run(programPath('postqueue'), ['-c', postfixDir, '-j']);
        return stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as QueuedMessage);
      },
      async flushQueue() {
        await run(programPath('postqueue'), ['-c', postfixDir, '-f']);
      },
      log,
      sink: () => currentSink.messages(),
      waitForSink: (matches, seconds = 10) => sinkWait(matches, seconds),
      clearSink: () => currentSink.clear(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    const trace = await log();
    await stop();
    throw new Error(
      `the mail servers did not start: ${error instanceof Error ? error.message : String(error)}\n${trace}`,
      {
        cause: error,
      },
    );
  }
}
