export type { DatabaseServer } from './database-server.js';
export { freePort } from './free-port.js';
export { type ImapLogin, type ImapSession, imap, loginFails, type MailboxQuota } from './imap-client.js';
export {
  type DovecotTarget,
  type Mailstack,
  type MailstackOptions,
  type MailstackPorts,
  type QueuedMessage,
  shareSqlite,
  startMailstack,
} from './mailstack.js';
export { startMariadb } from './mariadb.js';
export type { MailEngine, SmtpUtf8Mode } from './postfix-config.js';
export { startPostgres } from './postgres.js';
export {
  available,
  findProgram,
  findPrograms,
  missingFor,
  programPath,
  requireSuite,
  type SuiteName,
  suiteNames,
} from './programs.js';
export { type RedisServer, startRedis } from './redis.js';
export type { SinkMessage } from './sink.js';
export {
  type SendMailOptions,
  type SendMailResult,
  type SmtpRecipientReply,
  type SmtpReply,
  sendMail,
} from './smtp-client.js';
export { type SyslogReceiver, startSyslogReceiver } from './syslog-receiver.js';
export { makeTempDir, removeTempDir } from './temp-dir.js';
export { sleep, until } from './wait.js';
