import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, createLog, ExtensionError, type Kernel, type Logger } from '@posthorn/core';

/** The fields of a line in the log. */
interface Failure {
  readonly err?: unknown;
  readonly path?: string;
  readonly extension?: string;
}

/** The pages of a host behind a real server of this process, begun when it is first asked for. */
export class WebServer implements AsyncDisposable {
  #base: Promise<string> | undefined;
  #close: (() => Promise<void>) | undefined;

  constructor(
    private readonly kernel: () => Kernel,
    private readonly onFailure: (error: ExtensionError) => void,
  ) {}

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
        log: this.#log(),
        version: '0.0.0',
        trustedProxies: [],
      }),
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.#close = async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Silent, but for requests that failed. */
  #log(): Logger {
    const log = createLog({ level: 'silent', name: 'test', to: 2 });
    const error = ({ err, path, extension }: Failure): void => {
      if (err !== undefined)
        this.onFailure(err instanceof ExtensionError ? err : new ExtensionError(extension ?? 'host', path ?? '', err));
    };
    return Object.assign(log, { error });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#base;
    await this.#close?.();
  }
}
