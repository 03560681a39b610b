/** A private database server on a loopback port, gone with the test. */
export interface DatabaseServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Empty where the server trusts every local connection. */
  readonly password: string;
  /** Connection URL of a database on this server. */
  url(database: string): string;
  /** Creates an empty UTF-8 database; without a name it gets a fresh one. */
  createDatabase(name?: string): Promise<{ readonly url: string; readonly name: string }>;
  /** Runs SQL in a database through the vendor's command-line client and returns rows as tab-separated lines. */
  sql(database: string, statements: string): Promise<string>;
  /** What the server has logged, for a failing test's message. */
  log(): string;
  /** Ends every connection to a database, as an administrator does. */
  disconnect(database: string): Promise<void>;
  /** Shuts it down in good order and keeps its data; every connection ends. */
  down(): Promise<void>;
  /** Starts it again after `down`, at the same port. */
  up(): Promise<void>;
  stop(): Promise<void>;
}

let counter = 0;

/** A database name nobody else in this server uses. */
export function freshDatabaseName(): string {
  counter += 1;
  return `posthorn_${process.pid}_${counter}`;
}

/** Refuses names that would need quoting, so that they can stand in SQL and URLs as they are. */
export function checkDatabaseName(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,60}$/.test(name)) throw new Error(`not a plain database name: ${name}`);
  return name;
}
