import type { ExtensionError, InstanceConfig, Kernel, RaisedSignal } from '@posthorn/core';
import type { Actor, Dialect, ExtensionContext, HookKind, HookRef } from '@posthorn/sdk';
import type { TestWindow } from './browser.js';
import type { TestClock } from './clock.js';
import type { CommandResult } from './command.js';
import type { GivenExtension } from './extension-package.js';
import type { HostKernelOptions } from './host-kernel.js';
import type { HookProbe } from './probe.js';
import type { HostProcess } from './processes.js';
import type { Visitor } from './visitor.js';

export interface TestHostOptions extends HostKernelOptions {
  /** Extensions as objects or as folders of packages, in any order; the kernel's own is always there. */
  readonly with: readonly GivenExtension[];
  /**
   * A dialect, of which a private server is started where it needs one, or the URL of an empty database. Default: SQLite
   * in a temporary folder.
   */
  readonly database?: Dialect | (string & {});
  readonly syslogSocket?: string;
  /** The language of the instance; default `en`. */
  readonly language?: string;
}

export interface TestJobs {
  /** Enqueues `extension.job` and runs it in this process. Undefined where one with its key waits already. */
  run(job: string, payload?: unknown): Promise<JobOutcome | undefined>;
  /** Runs what is due, in all queues that are known. */
  drain(): Promise<readonly JobOutcome[]>;
}
export type JobOutcome = Awaited<ReturnType<ReturnType<Kernel['jobs']['runner']>['drain']>>[number];

export interface TestHost extends AsyncDisposable {
  /** Another one after `enable` and `disable`: ask for it, and for what comes from it, when it is needed. */
  readonly kernel: Kernel;
  readonly config: InstanceConfig;
  /** The super administrator behind nobody's account. */
  readonly system: Actor;
  context(extension: string): ExtensionContext;
  /** The actor behind an existing account. */
  actor(username: string): Promise<Actor>;

  /** A super administrator with a session. */
  admin(): Promise<Visitor>;
  /** A new account with a session. */
  account(o: { readonly role: string; readonly username?: string }): Promise<Visitor>;
  /** An existing account with a new session. */
  as(username: string): Promise<Visitor>;
  readonly guest: Visitor;
  /** Where the pages are served. */
  url(): Promise<string>;
  /** A window of Chromium in which that visitor is signed in. Needs playwright-core; throws where there is no browser. */
  browser(visitor?: Visitor): Promise<TestWindow>;

  /** A listener of the test on this hook, the same at each call. */
  hook<K extends HookKind, A, R>(ref: HookRef<K, A, R>): HookProbe<K, A, R>;
  /** Signals that were raised and committed, heard or not, oldest first. */
  readonly sent: readonly RaisedSignal[];
  /** Failures of extensions that were contained, and of requests, oldest first. */
  readonly reports: readonly ExtensionError[];

  /** As an administrator does: schema steps, default grants, a new generation. Throws for an id that was not given. */
  enable(id: string): Promise<void>;
  /** A new generation without it; its data stays. Throws where another enabled one requires it. */
  disable(id: string): Promise<void>;

  readonly clock: TestClock;
  readonly jobs: TestJobs;
  /** `host.command(['extension', 'list', '--json'])` */
  command(argv: readonly string[]): Promise<CommandResult>;
  /**
   * That many real processes that serve this installation, each with its workers. Every extension must have been given as a folder.
   */
  processes(count: number): Promise<readonly HostProcess[]>;
}
