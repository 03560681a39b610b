/** What the kernel needs to know of an installation. The host reads it from `posthorn.yaml`, the environment and flags. */
export interface InstanceConfig {
  /** Absolute path of the instance's folder. */
  readonly directory: string;
  /** `sqlite:data/db/x.db` (relative to the folder), `sqlite:///abs/path`, `postgresql://…`, `mariadb://…` (or `mysql://…`). */
  readonly databaseUrl: string;
  /** The mail host's name, for documents and generated files. */
  readonly hostname: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly language: string;
  readonly timeZone: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Extensions without which the host must not serve. */
  readonly essential: readonly string[];
  /** Connections per process on PostgreSQL and MariaDB. */
  readonly poolSize: number;
  /** Redis, by which BullMQ hands out jobs; absent where processes look into the database for them. */
  readonly jobsUrl?: string;
  /** Whether extensions may be added on the pages: whoever signs in as a super administrator can run code then. */
  readonly packagePages?: boolean;
  /** Where the system's log listens, for sign-ins; absent where they are not sent there. */
  readonly syslogSocket?: string;
}

/** What a process of an installation does. */
export type ProcessRole = 'web' | 'worker' | 'command';
