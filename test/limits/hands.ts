/** Limits as they are set at each door, beside what they limit. */
import { options } from '../admin/doors/command-hands.js';
import { adminHands } from '../admin/doors/doors.js';
import type { AdminHands, Door } from '../admin/doors/hands.js';
import { byCommand, byPage, byService, type Said } from '../admin/doors/said.js';
import type { Fields } from '../kit/src/host/page.js';
import type { LimitBench } from './fixture.js';

type Values = Readonly<Record<string, number | string>>;

export interface LimitHands {
  setOfAccount(username: string, values: Values): Promise<Said>;
  setOfDomain(name: string, values: Values): Promise<Said>;
}

const ofLimits: Readonly<Record<Door, (b: LimitBench, username: string) => LimitHands>> = {
  service: (b, username) => ({
    setOfAccount: (key, values) =>
      byService(b.actor(username).then((who) => b.limits.setOfAccount(who, key, values as never))),
    setOfDomain: (key, values) =>
      byService(b.actor(username).then((who) => b.limits.setOfDomain(who, key, values as never))),
  }),
  page: (b, username) => {
    const submit = async (path: string, values: Values): Promise<Said> => {
      const page = await (await b.host.as(username)).get(path);
      const id = page.html.includes('name="resources-inside.') ? 'resources-inside' : 'resources';
      const typed: Fields = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
      return byPage(page.status === 200 ? await page.tab(id).submit(typed) : page);
    };
    return {
      setOfAccount: async (key, values) =>
        submit(`/admin/accounts/${(await b.mailboxes.show(b.system, key)).pk}/edit/`, values),
      setOfDomain: (key, values) => submit(`/admin/domains/${key}/edit/`, values),
    };
  },
  command: (b, username) => {
    const set = (key: string, values: Values) =>
      byCommand(b.host, ['limits', 'set', key, ...options(values), '--as', username]);
    return { setOfAccount: set, setOfDomain: set };
  },
};

export const handsAt =
  (door: Door) =>
  (b: LimitBench, username: string): AdminHands & LimitHands => ({
    ...adminHands[door](b, username),
    ...ofLimits[door](b, username),
  });
