import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from '@posthorn/sdk';
import { board } from './frame-board.js';
import type { Spot } from './spots.js';

/** Whose code is running: read by the log, the statement counter, the watchdog and every error. */
export interface Frame {
  readonly extension: string;
  /** The hook, command, job or route. */
  readonly at: string;
  readonly request?: string;
  /** Who asked, where somebody did. */
  readonly actor?: Pick<Actor, 'username'>;
  /** Where its figures are kept. */
  readonly spot?: Spot;
}

export const running = new AsyncLocalStorage<Frame>();

/** A frame inside of the present one: the same request, person and figures' owner. */
export function frameOf(extension: string, at: string): Frame {
  const outer = running.getStore();
  const spot = outer?.spot?.all.at(extension, at);
  return {
    extension,
    at,
    ...(outer?.request === undefined ? {} : { request: outer.request }),
    ...(outer?.actor === undefined ? {} : { actor: outer.actor }),
    ...(spot === undefined ? {} : { spot }),
  };
}

/** Runs work in a frame, which stays the frame of whatever it awaits. */
export function enterFrame<T>(frame: Frame, work: () => T): T {
  const before = board.swap(frame.spot?.frame ?? board.numberOf(frame.extension, frame.at));
  try {
    return running.run(frame, work);
  } finally {
    board.swap(before);
  }
}

/** The same, counted and timed. `isFailure` says whether what was thrown is the extension's fault. */
export async function callInFrame<T>(
  frame: Frame,
  work: () => Promise<T> | T,
  isFailure: (error: unknown) => boolean = () => true,
): Promise<T> {
  const { spot } = frame;
  if (spot === undefined) return enterFrame(frame, work);
  const begun = performance.now();
  spot.calls += 1;
  try {
    return await enterFrame(frame, work);
  } catch (error) {
    if (isFailure(error)) spot.failed(error);
    throw error;
  } finally {
    spot.times.add(performance.now() - begun);
  }
}

/** An error with the extension that caused it. */
export class ExtensionError extends Error {
  override readonly name = 'ExtensionError';
  constructor(
    readonly extension: string,
    readonly at: string,
    cause: unknown,
  ) {
    super(`${extension}: ${at}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The extension whose failure this is: thrown by its own code, or the cause of a problem that stands for it. */
export const extensionToBlame = (error: unknown): ExtensionError | undefined =>
  error instanceof ExtensionError
    ? error
    : error instanceof Error && error.cause instanceof ExtensionError
      ? error.cause
      : undefined;

/** Where contained failures go. It must never throw. */
export type Report = (error: ExtensionError) => void;
