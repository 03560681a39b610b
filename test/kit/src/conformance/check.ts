import type { Dialect } from '@posthorn/sdk';
import type { TestHost } from '../test-host.js';
import type { Subject } from './subject.js';

/** How an endpoint is called. */
export interface EndpointCall {
  /** For the names in its path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What a check cannot make up by itself. */
export interface Prepared {
  /** By a page's path with `:names`: the address at which it can be visited. Others with names are left out. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** By a slot's id: what the forms of that slot are about. Without one, tabs are loaded as for a thing that is made. */
  readonly subjects?: Readonly<Record<string, unknown>>;
  /**
   * By method and path, as in `POST /notes/:id/`: how the endpoint is called. Without it, one that changes something or
   * has names in its path is only called by a stranger.
   */
  readonly calls?: Readonly<Record<string, EndpointCall>>;
  /** By a hook's id: an event for its listeners. Without one they get an event that is empty in every place. */
  readonly events?: Readonly<Record<string, unknown>>;
}

export interface ConformanceOptions {
  /** Fills a fresh host with things to look at. */
  readonly prepare?: (host: TestHost) => Promise<Prepared>;
  /** Which databases the schema is tried on. Default: SQLite, and those whose servers are installed. */
  readonly dialects?: readonly Dialect[];
  /** Checks that are left out, each with the reason. */
  readonly exempt?: Readonly<Partial<Record<CheckId, string>>>;
}

export type CheckId =
  | 'quiet-import'
  | 'manifest'
  | 'package'
  | 'registry'
  | 'migrations'
  | 'prefix'
  | 'hooks'
  | 'deprecations'
  | 'pages'
  | 'endpoints'
  | 'tabs'
  | 'deadlines'
  | 'texts'
  | 'uninstall'
  | 'balance'
  | 'optional-peers'
  | 'accessible'
  | 'quality';

/** Everything that was found, or what is only to be told, or why nothing could be looked at. */
export type Looked = readonly string[] | { readonly warnings: readonly string[] } | { readonly skipped: string };

export interface Check {
  readonly id: CheckId;
  /** What holds where it passes. */
  readonly name: string;
  /** What to do where it does not. */
  readonly mend: string;
  look(subject: Subject, o: ConformanceOptions): Promise<Looked>;
}
