import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { adopt, listenLocally, passOn } from './handover.js';
import { http } from './http-module.js';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** How long a connection without a request is kept. */
const KEEP_ALIVE_MS = 5_000;
const HEADERS_MS = 20_000;
/** How long a request of somebody who knows of a newer generation waits for it. */
const GENERATION_MS = 2_000;
/** While draining, how often connections that have become idle are closed. */
const SWEEP_MS = 50;

/** The web side of a worker: the public port, the local socket for handed-over requests, and an orderly end. */
export class WebServer {
  readonly #public: Server;
  readonly #local: Server;
  readonly #held = new Set<ServerResponse>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #retired = Promise.withResolvers<void>();
  #successors: readonly string[] | undefined;
  #isClosing = false;
  #sweep: NodeJS.Timeout | undefined;

  /**
   * `catchUp` brings this process up to what the sender of a request knows of; nothing where it is there already, true
   * where a newer generation is on its way.
   */
  constructor(
    private readonly app: Listener,
    private readonly catchUp: (request: IncomingMessage) => Promise<boolean> | undefined,
  ) {
    const options = { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS };
    this.#public = http.createServer(options, (request, response) => this.#take(request, response));
    this.#local = http.createServer(options, (request, response) => {
      adopt(request);
      this.#take(request, response);
    });
  }

  /** How many requests have no complete answer yet. */
  get held(): number {
    return this.#held.size;
  }

  /** No connection is left after `retire` or `drain`. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  listenLocally(path: string): Promise<void> {
    return listenLocally(this.#local, path);
  }

  listen(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#public.once('error', reject);
      this.#public.listen({ port, ...(host === '' ? {} : { host }) }, () => {
        this.#public.off('error', reject);
        resolve(this.#public.address() as AddressInfo);
      });
    });
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.#held.add(response);
    response.once('close', () => this.#held.delete(response));
    if (this.#successors !== undefined) {
      passOn(request, response, this.#successors);
      return;
    }
    const catchingUp = this.#isClosing ? undefined : this.catchUp(request);
    if (catchingUp === undefined) this.#answer(request, response);
    else void this.#answerLater(request, response, catchingUp);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isClosing) response.setHeader('Connection', 'close');
    this.app(request, response);
  }

  /** After a bounded wait it is answered by whoever serves then. */
  async #answerLater(request: IncomingMessage, response: ServerResponse, catchingUp: Promise<boolean>): Promise<void> {
    const over = new AbortController();
    const late = sleep(GENERATION_MS, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([late, catchingUp.then((isComing) => (isComing ? this.#retired.promise : undefined))]);
    over.abort();
    if (response.destroyed) return;
    if (this.#successors === undefined) this.#answer(request, response);
    else passOn(request, response, this.#successors);
  }

  /** From now on others serve: what was begun here ends here, everything else is passed on. */
  retire(successors: readonly string[]): void {
    this.#successors = successors;
    this.#retired.resolve();
    this.#close();
  }

  /** Where to pass requests on to has changed. */
  redirect(successors: readonly string[]): void {
    if (this.#successors !== undefined) this.#successors = successors;
  }

  /** The program ends: finish what is held, and close connections as they become idle. */
  drain(): void {
    this.#close();
    this.#sweep ??= setInterval(() => this.#public.closeIdleConnections(), SWEEP_MS);
  }

  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const response of this.#held) if (!response.headersSent) response.setHeader('Connection', 'close');
    // `http.Server.close` would also cut connections that are idle this instant, with a request on its way to them.
    NetServer.prototype.close.call(this.#public, () => {
      clearInterval(this.#sweep);
      this.#ended.resolve();
    });
  }

  /** Cuts whatever is left. */
  destroy(): void {
    clearInterval(this.#sweep);
    this.#public.closeAllConnections();
    this.#local.closeAllConnections();
    NetServer.prototype.close.call(this.#local);
  }
}
