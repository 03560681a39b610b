import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AppOptions, createApp, createLog } from '@posthorn/core';
import type { ExtensionDefinition } from '@posthorn/sdk';
import { type TestHost, testHost } from '../kit/src/test-host.js';
import { Browser } from './browser.js';

export const PASSWORD = 'Toto1234';

export interface Site extends AsyncDisposable {
  readonly host: TestHost;
  readonly port: number;
  browser(headers?: Readonly<Record<string, string>>): Browser;
  /** A browser in which this account is signed in. */
  signedIn(username: string, more?: Readonly<Record<string, string>>): Promise<Browser>;
}

/** A kernel behind a real server. `root` is a super administrator, `plain` holds nothing. */
export async function serve(o: {
  readonly with: readonly ExtensionDefinition[];
  readonly clock?: () => Date;
  readonly database?: string;
  readonly syslogSocket?: string;
  readonly log?: AppOptions['log'];
  readonly kernelLog?: AppOptions['log'];
  readonly deadlines?: NonNullable<AppOptions['deadlines']>;
  readonly isDevelopment?: boolean;
}): Promise<Site> {
  const host = await testHost(o);
  const passwordHash = `{PLAIN}${PASSWORD}`;
  for (const [username, role] of [
    ['root', 'SuperAdmins'],
    ['plain', 'SimpleUsers'],
    ['keeper', 'Keepers'],
  ] as const) {
    await host.kernel.accounts.create(host.system, { username, role, passwordHash });
  }
  const server = createServer(
    createApp({
      kernel: () => host.kernel,
      status: () => ({ waitingFor: undefined, trouble: undefined, notices: [] }),
      draining: () => false,
      log: o.log ?? createLog({ level: process.env['POSTHORN_TEST_LOG'] ?? 'silent', name: 'test', to: 2 }),
      version: '1.2.3',
      trustedProxies: ['127.0.0.1'],
      ...(o.deadlines === undefined ? {} : { deadlines: o.deadlines }),
      ...(o.isDevelopment === undefined ? {} : { isDevelopment: o.isDevelopment }),
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = (headers: Readonly<Record<string, string>> = {}) => new Browser(port, headers);
  return {
    host,
    port,
    browser,
    signedIn: async (username, more) => {
      const made = browser();
      const answer = await made.signIn(username, PASSWORD, more);
      if (answer.status !== 303) throw new Error(`${username} could not sign in: ${answer.status}`);
      return made;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await host[Symbol.asyncDispose]();
    },
  };
}
