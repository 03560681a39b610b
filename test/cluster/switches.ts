import http from 'node:http';
import type { Dialect } from '@posthorn/sdk';
import { expect } from 'vitest';
import { request } from '../host/serving.js';
import { type Browser, tokenIn } from '../http/browser.js';
import { sleep, until } from '../kit/src/servers/index.js';
import { type Installation, makeInstallation, type Place } from './installation.js';

const EDIT = '/admin/domains/shown.test/edit/';
const PAGES = ['/dashboard/', '/example/', EDIT, '/core/parameters/'] as const;

/** What one answer shows of the extension, by each of the things that it should show it by. */
function tracesIn(path: string, status: number, body: string): readonly boolean[] {
  const menu = body.includes('href="/example/"');
  switch (path) {
    case '/example/':
      return [menu, status === 200];
    case EDIT:
      return [menu, body.includes('Example notes')];
    case '/core/parameters/':
      return [menu, body.includes('/core/parameters/example/')];
    default:
      return [menu];
  }
}

const cookieOf = ({ cookies }: Browser): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

interface Load {
  readonly mixed: string[];
  readonly failures: string[];
  answers(): number;
  stop(): Promise<void>;
}

/** Readers on kept-alive connections, one for each place. */
function startLoad(places: readonly Place[], cookie: string): Load {
  const mixed: string[] = [];
  const failures: string[] = [];
  let answers = 0;
  let isOver = false;
  const lanes = places.map(async (place, n) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = n; !isOver; i += 1) {
      const path = PAGES[i % PAGES.length] as string;
      const { wasKilled } = place;
      // Whoever is asked may be killed meanwhile: come again.
      const mayBreak = (): boolean => wasKilled || place.wasKilled;
      try {
        const { status, body } = await request(place.port, path, { agent, headers: { cookie, accept: 'text/html' } });
        const traces = tracesIn(path, status, body);
        if (new Set(traces).size > 1) mixed.push(`${path} ${status} ${traces}`);
        if (status >= 500 && !mayBreak()) failures.push(`${path} at ${n}: ${status}`);
        answers += 1;
      } catch (error) {
        if (!mayBreak()) failures.push(`${path} at ${n}: ${(error as Error).message}`);
      }
      await sleep(40);
    }
    agent.destroy();
  });
  return {
    mixed,
    failures,
    answers: () => answers,
    async stop() {
      isOver = true;
      await Promise.all(lanes);
    },
  };
}

/** Where waiting for everybody is not enough, a switch says so, and nobody may rely on it yet. */
const NOT_YET = /still works with the arrangement before|takes effect when the processes have been replaced/;

/** Returns whether it was said that everybody has followed. */
async function click(browser: Browser, isOn: boolean): Promise<boolean> {
  const path = isOn ? '/core/extensions/' : '/core/extensions/example/disable/';
  const _token = tokenIn((await browser.ask(path)).body);
  const answer = isOn
    ? await browser.ask('/core/extensions/example/enable/', { form: { _token } })
    : await browser.ask(path, { form: { _token, confirmation: 'example' } });
  expect(answer.status).toBe(303);
  expect(browser.cookies.get('posthorn-revision')).toMatch(/^\d+\.\d+$/);
  return !NOT_YET.test((await browser.ask('/core/extensions/')).body);
}

async function command(place: Place, browser: Browser, isOn: boolean): Promise<boolean> {
  // A command has no cookie to leave: whoever reads after it reads without one.
  browser.cookies.delete('posthorn-revision');
  const { code, stderr } = await place.posthorn(['extension', isOn ? 'enable' : 'disable', 'example']);
  expect(code, stderr).toBe(0);
  return !NOT_YET.test(stderr);
}

/** The client that has switched asks every process: none may show him the arrangement before. */
async function staleReads(places: readonly Place[], browser: Browser, isOn: boolean): Promise<readonly string[]> {
  const read = places.flatMap((place) => PAGES.map((path) => ({ place, path })));
  const found = await Promise.all(
    read.map(async ({ place, path }) => {
      const { status, body } = await request(place.port, path, {
        headers: { cookie: cookieOf(browser), accept: 'text/html' },
      });
      const traces = tracesIn(path, status, body);
      return traces.every((trace) => trace === isOn) ? [] : [`${path} at ${place.port}: ${status} ${traces}`];
    }),
  );
  return found.flat();
}

/** Kills a worker, or the supervisor with all of its workers; the place is there again when this returns. */
async function kill(place: Place, what: 'worker' | 'supervisor'): Promise<void> {
  place.wasKilled = true;
  if (what === 'worker') {
    const [pid] = place.serving.workers();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } else {
    place.serving.child.kill('SIGKILL');
    await place.serving.ended;
    await place.restart();
  }
  await until('the killed place to serve again', 60, async () => {
    const answer = await place.serving.readyz().catch(() => undefined);
    return answer?.status === 200;
  });
  place.wasKilled = false;
}

/**
 * Four processes, `count` switches by command and by click at changing places, readers everywhere, and every third time
 * somebody is killed meanwhile.
 */
export async function runSwitches(dialect: Dialect, count: number): Promise<void> {
  await using installation: Installation = await makeInstallation(dialect, { size: 4 });
  const { places } = installation;
  const [first] = places as [Place];
  const browser = await installation.signedIn(first);
  const load = startLoad(places, cookieOf(await installation.signedIn(first)));
  const stale: string[] = [];
  let checked = 0;
  try {
    for (let i = 0; i < count; i += 1) {
      const isOn = i % 2 === 0;
      // Nobody is killed at the first place, where the clicks are made.
      const victim = places[1 + (Math.floor(i / 3) % 3)] as Place;
      const killing = i % 3 === 2 ? kill(victim, i % 2 === 0 ? 'worker' : 'supervisor') : undefined;
      const isSaidToBeDone = await (i % 4 < 2 ? click(browser, isOn) : command(first, browser, isOn));
      await killing;
      if (!isSaidToBeDone) {
        await until('everybody to follow', 60, async () => (await staleReads(places, browser, isOn)).length === 0);
        continue;
      }
      checked += 1;
      const reached = killing === undefined ? places : places.filter((place) => place !== victim);
      stale.push(...(await staleReads(reached, browser, isOn)).map((text) => `switch ${i}: ${text}`));
    }
  } catch (error) {
    const said = places.map((place) => `${place.port}: ${place.serving.output().slice(-1_500)}`).join('\n');
    throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
  } finally {
    await load.stop();
  }
  expect(stale).toEqual([]);
  // On a machine that is far too busy a few may have to be waited for.
  expect(checked).toBeGreaterThan(count / 2);
  expect(load.mixed).toEqual([]);
  expect(load.failures).toEqual([]);
  expect(load.answers()).toBeGreaterThan(count * 4);
}
