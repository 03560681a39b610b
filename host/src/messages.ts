/** What supervisor and workers say to each other. Types only: the supervisor imports nothing that would cost memory. */

/** How a worker is started, as JSON in `POSTHORN_WORKER`. */
export interface WorkerOrder {
  readonly directory: string;
  readonly version: string;
  /** `web` answers requests (and runs jobs unless told otherwise), `jobs` only runs jobs. */
  readonly mode: 'web' | 'jobs';
  /** Settings from the command line, by their names in the file. */
  readonly flags: Readonly<Record<string, string>>;
  /** Queues to serve; empty for none. */
  readonly queues: readonly string[];
  /** Folder for local sockets, 0700. */
  readonly run: string;
  /** A candidate must have its generation before anybody talks to it; others listen even without a database. */
  readonly isCandidate: boolean;
  readonly retireSeconds: number;
  /** Ids of wanted extensions that the workers before had to do without, too. */
  readonly lacking: readonly string[];
}

export type ToSupervisor =
  | {
      /** The configuration could be read. */
      readonly type: 'settings';
      readonly workers: number;
      readonly host: string;
      readonly port: number;
      readonly logLevel: string;
    }
  | {
      /** Built, and waiting for the order to begin. `assembly` is null while the database is away. */
      readonly type: 'built';
      readonly assembly: number | null;
      readonly reason: string;
      /** Local socket for requests passed on by retired workers; '' for jobs. */
      readonly socket: string;
    }
  /** Takes part from now on; where it listens, '' for jobs. */
  | { readonly type: 'begun'; readonly url: string }
  /** It takes part in the installation with this generation, and without these wanted extensions. */
  | { readonly type: 'whole'; readonly assembly: number; readonly lacking: readonly string[] }
  /** The revision row asks for another generation than this worker's. */
  | { readonly type: 'assembly'; readonly assembly: number }
  /** It was built, but something newer is wanted by now, so it ends without having served. */
  | { readonly type: 'outdated'; readonly text: string }
  /** It ends. With an exit code: no other worker would fare better, so the program should end with it. */
  | { readonly type: 'fatal'; readonly text: string; readonly exitCode: number | null };

export type ToWorker =
  /** Listen, take jobs, report to the database. */
  | { readonly type: 'begin'; readonly host: string; readonly port: number }
  /** Take nothing new; pass on what still comes. */
  | { readonly type: 'retire'; readonly successors: readonly string[] }
  /** Where retired workers pass requests on to has changed. */
  | { readonly type: 'successors'; readonly successors: readonly string[] }
  /** Finish what is held and end. */
  | { readonly type: 'drain' }
  /** Look at the revision now. */
  | { readonly type: 'look' }
  /** Something the operator should know, kept in the process row and shown by /readyz; '' takes it back. */
  | { readonly type: 'notice'; readonly text: string };
