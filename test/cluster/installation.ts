import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dialect } from '@posthorn/sdk';
import { type Serving, serve } from '../host/serving.js';
import { Browser } from '../http/browser.js';
import { type CliResult, freshInstance, type Instance, posthorn } from '../kit/src/cli/cli.js';
import { type DatabaseServer, freePort, startMariadb, startPostgres } from '../kit/src/servers/index.js';

const example = fileURLToPath(new URL('../e2e/example-extension/', import.meta.url));

/** One `posthorn serve` of an installation, with a folder of its own, as on a machine of its own. */
export interface Place {
  readonly directory: string;
  readonly port: number;
  serving: Serving;
  /** Whether something has been killed here and is not back yet, so that connections may break. */
  wasKilled: boolean;
  /** Starts it again after its supervisor was killed. */
  restart(): Promise<void>;
  posthorn(args: readonly string[]): Promise<CliResult>;
}

/** Several `posthorn serve` on one database, each with the extension `example` installed and not enabled. */
export interface Installation extends AsyncDisposable {
  readonly places: readonly Place[];
  readonly instance: Instance;
  signedIn(place: Place): Promise<Browser>;
}

/** Time enough on a machine that is far too busy: what ends or begins sooner does not wait for it. */
const ENV = { POSTHORN_LOG_LEVEL: 'warn', POSTHORN_RETIRE_SECONDS: '20', POSTHORN_READY_SECONDS: '40' };

export async function makeInstallation(
  dialect: Dialect,
  o: { readonly size: number; readonly lacks?: number },
): Promise<Installation> {
  let server: DatabaseServer | undefined;
  if (dialect === 'postgresql') server = await startPostgres();
  if (dialect === 'mariadb') server = await startMariadb();
  const instance = await freshInstance(server === undefined ? {} : { database: (await server.createDatabase()).url });
  const places: Place[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(places.map((place) => place.serving[Symbol.asyncDispose]()));
    await instance.remove();
    await server?.stop();
  };
  try {
    await instance.must(['domain', 'create', 'shown.test']);
    const directories = [instance.directory];
    for (let i = 1; i < o.size; i += 1) directories.push(await copyOf(instance, i));
    for (const [i, directory] of directories.entries()) {
      if (i !== o.lacks) await install(directory);
      const port = await freePort();
      const start = (): Promise<Serving> => serve(directory, { port, env: ENV });
      const place: Place = {
        directory,
        port,
        serving: await start(),
        wasKilled: false,
        async restart() {
          place.serving = await start();
        },
        posthorn: (args) => posthorn(directory, args, { env: ENV }),
      };
      places.push(place);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    places,
    instance,
    async signedIn(place) {
      const browser = new Browser(place.port);
      const { status } = await browser.signIn(instance.admin.username, instance.admin.password);
      if (status !== 303) throw new Error(`signing in answered ${status}`);
      return browser;
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** The same installation in another folder: its configuration, secrets and packages, on the same database. */
async function copyOf(instance: Instance, i: number): Promise<string> {
  const directory = `${instance.directory}-${i}`;
  await cp(instance.directory, directory, { recursive: true, verbatimSymlinks: true });
  await rm(join(directory, 'data', 'db'), { recursive: true });
  await rm(join(directory, 'run'), { recursive: true, force: true });
  if (instance.sqliteFile !== undefined) {
    const file = join(directory, 'posthorn.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^database:.*$/m, `database: sqlite://${instance.sqliteFile}`));
  }
  return directory;
}

/** Links the package into the instance, as a package manager does. */
export async function install(directory: string): Promise<void> {
  await symlink(example, join(directory, 'node_modules', 'posthorn-example'));
  const file = join(directory, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: Record<string, string> };
  await writeFile(
    file,
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, 'posthorn-example': '1.0.0' } }),
  );
}
