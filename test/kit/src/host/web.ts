import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, createLog, type Kernel } from '@posthorn/core';

/** The pages of a host behind a real server of this process, begun when it is first asked for. */
export class WebServer implements AsyncDisposable {
  #base: Promise<string> | undefined;
  #close: (() => Promise<void>) | undefined;

  constructor(private readonly kernel: () => Kernel) {}

  readonly base = (): Promise<string> => {
    this.#base ??= this.#listen();
    return this.#base;
  };

  async #listen(): Promise<string> {
    const server = createServer(
      createApp({
        kernel: this.kernel,
        status: () => ({ waitingFor: undefined, trouble: undefined, notices: [] }),
        draining: () => false,
        log: createLog({ level: 'silent', name: 'test', to: 2 }),
        version: '0.0.0',
        trustedProxies: [],
        nextSteps: [],
      }),
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.#close = async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#base;
    await this.#close?.();
  }
}
