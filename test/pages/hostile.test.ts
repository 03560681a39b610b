import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import { Browser } from '../http/browser.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { CONTROLS, escapedWrongly, MALFORMED, STRINGS } from './hostile-strings.js';
import { conditionsIn, filled, formsIn, type HtmlField, type HtmlForm } from './html-forms.js';
import { type Answer, type Reader, type Site, startSite } from './site.js';
import { addressOf, allPages, populateAll } from './walk.js';

const servers = { postgresql: startPostgres, mariadb: startMariadb } as const;
/** Forms that would end the session of the walk itself. */
const ENDS_IT = /^\/accounts\/logout\/$|^\/user\/devices\/revoke/;
/** Names that the engine of forms puts in, checked by tests of their own. */
const OF_THE_ENGINE = new Set(['_token', '_version', '_sent', '_tab']);
/** Says for every mistake the same, on purpose. */
const SIGN_IN = '/accounts/login/';
/** What databases read differently: the others need not be sent to all three. */
const OF_DATABASES = new Set(['sql', 'right', 'tower', 'emoji', 'long', 'number', 'large', 'negative', 'nul', 'zero']);

interface Place {
  readonly path: string;
  /** As it was shown last; read again once something was saved. */
  form: HtmlForm;
  readonly conditions: ReturnType<typeof conditionsIn>;
}

/** The servers refuse other characters than SQLite does; all of it on them is one of the long runs. */
const dialects = (
  process.env['POSTHORN_TEST_LONG'] === '1' ? ['sqlite', 'postgresql', 'mariadb'] : ['sqlite']
) as readonly ('sqlite' | 'postgresql' | 'mariadb')[];

/** Pages that answer what stands in their query. */
const QUESTIONS = /^\/admin\/(?:resolve|accounts\/\d+\/access)\/$/;

describe.each(dialects)('hostile input on %s', (dialect) => {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))('in every page', () => {
    let server: DatabaseServer | undefined;
    let b: Bench;
    let site: Site;
    let admin: Reader;
    let examples: Readonly<Record<string, string>>;
    const some = (strings: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
      Object.entries(strings).filter(([what]) => dialect === 'sqlite' || OF_DATABASES.has(what));

    beforeAll(async () => {
      server = dialect === 'sqlite' ? undefined : await servers[dialect]();
      b = await bench(server === undefined ? {} : { database: (await server.createDatabase()).url });
      examples = await populateAll(b);
      site = await startSite(b.host);
      admin = await site.as('admin');
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await b?.host[Symbol.asyncDispose]();
      await server?.stop();
    });

    /** What is in a file is no markup; only a page shows something. */
    const wrongWith = ({ status, text, isFile }: Answer, about: string): readonly string[] => [
      ...(status >= 500 || status < 200 ? [`${about}: ${status}`] : []),
      ...(isFile || escapedWrongly(text) === undefined ? [] : [`${about}: shows ${escapedWrongly(text)}`]),
    ];

    /** Every form that a super administrator is shown, and the one that a guest is. */
    async function places(): Promise<readonly Place[]> {
      const found = new Map<string, Place>();
      const add = (path: string, text: string): void => {
        for (const form of formsIn(text)) {
          if (form.method !== 'POST' || ENDS_IT.test(form.action)) continue;
          const key = `${form.action} ${form.fields.map(({ name }) => name).join(' ')}`;
          if (!found.has(key)) found.set(key, { path, form, conditions: conditionsIn(text) });
        }
      };
      add(SIGN_IN, (await site.guest.get(SIGN_IN)).text);
      for (const page of allPages(b)) {
        if (page.method !== 'GET') continue;
        const path = addressOf(page.path, examples);
        add(path, (await admin.get(path)).text);
      }
      return [...found.values()];
    }

    const fieldsOf = ({ form }: Place): readonly HtmlField[] =>
      form.fields.filter(({ name }) => !OF_THE_ENGINE.has(name));

    /** Sends a form as it is shown, with one field written over. */
    async function send(place: Place, name: string, value: string): Promise<Answer> {
      if (place.path === SIGN_IN) {
        const guest = new Browser(Number(new URL(site.base).port));
        const { body } = await guest.ask(SIGN_IN);
        const [form] = formsIn(body);
        if (form === undefined) throw new Error('there is no form to sign in');
        const sent = filled(form, { username: 'x', password: 'x', [name]: value }) as Record<string, string>;
        const { status, body: text } = await guest.ask(SIGN_IN, { form: sent });
        return { status, text, to: null };
      }
      const { action } = place.form;
      const answer = await admin.post(action, filled(place.form, { ...place.conditions.get(name), [name]: value }));
      if (answer.status === 303) {
        const now = formsIn((await admin.get(place.path)).text);
        place.form =
          now.find((form) => form.action === action && form.fields.some((f) => f.name === name)) ?? place.form;
      }
      return answer;
    }

    it('breaks no form, field by field, and is never shown unescaped', async () => {
      const all = await places();
      expect(all.length).toBeGreaterThan(12);
      const wrong: string[] = [];
      let sent = 0;
      for (const place of all) {
        for (const { name } of fieldsOf(place)) {
          for (const [what, value] of some(STRINGS)) {
            const answer = await send(place, name, value);
            sent += 1;
            wrong.push(...wrongWith(answer, `${place.form.action} ${name} ${what}`));
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(sent).toBeGreaterThan(dialect === 'sqlite' ? 900 : 400);
      for (const path of [
        '/dashboard/',
        '/admin/domains/',
        '/admin/identities/',
        '/user/',
        '/core/logs/',
        '/core/audit/',
      ]) {
        expect(wrongWith(await admin.get(path), path)).toEqual([]);
      }
    });

    it('of characters that cannot be seen is refused with the name of the field', async () => {
      const wrong: string[] = [];
      for (const place of await places()) {
        for (const { name, kind } of fieldsOf(place)) {
          const isText = kind === 'text' || kind === 'textarea' || kind === 'search';
          for (const [what, value] of some(CONTROLS)) {
            const answer = await send(place, name, value);
            const about = `${place.form.action} ${name} ${what}`;
            wrong.push(...wrongWith(answer, about));
            if (!isText || place.path === SIGN_IN) continue;
            if (answer.status !== 422) wrong.push(`${about}: taken with ${answer.status}`);
            else if (!namesField(answer.text, name)) wrong.push(`${about}: ${name} is not named`);
          }
        }
      }
      expect(wrong).toEqual([]);
    });

    it('in a query is left aside', async () => {
      const wrong: string[] = [];
      const values = [
        ...some({ ...STRINGS, ...CONTROLS }).map(([what, value]) => [what, encodeURIComponent(value)] as const),
        ...MALFORMED.map((value) => [value, value] as const),
      ];
      for (const page of allPages(b)) {
        if (page.method !== 'GET') continue;
        const path = addressOf(page.path, examples);
        const before = (await admin.get(path)).status;
        const names = [...Object.keys(page.query), 'anything'];
        for (const [what, value] of values) {
          // More than one long one is more than what a request line may hold.
          const sent = what === 'long' ? names.slice(0, 1) : names;
          const answer = await admin.get(`${path}?${sent.map((name) => `${name}=${value}`).join('&')}`);
          const about = `${path} ${what}`;
          wrong.push(...wrongWith(answer, about));
          // Where the query is the question, one that cannot be asked is answered as such.
          const isAnswered = QUESTIONS.test(path) && [404, 422].includes(answer.status);
          if (answer.status !== before && !isAnswered) wrong.push(`${about}: ${answer.status} instead of ${before}`);
        }
      }
      expect(wrong).toEqual([]);
    });

    it('in an address names nothing', async () => {
      const wrong: string[] = [];
      for (const page of allPages(b)) {
        if (!page.path.includes(':')) continue;
        const values = some({ ...STRINGS, ...CONTROLS }).map(([, value]) => encodeURIComponent(value));
        for (const value of [...values, ...MALFORMED, '%2F', '%5C', '..', '%2e%2e', '.', '%00', '2147483648', '0']) {
          const path = page.path.replace(/:\w+/, () => value);
          const answer = await raw(site, page.method, path, await site.cookie('admin'));
          wrong.push(...wrongWith(answer, `${page.method} ${page.path} ${value.slice(0, 60)}`));
          if (answer.status === 200 && !/palette/.test(path)) wrong.push(`${path.slice(0, 90)}: 200`);
        }
      }
      expect(wrong).toEqual([]);
    });

    const headers = dialect === 'sqlite' ? it : undefined;
    headers?.('in a header is not believed', async () => {
      const cookie = await site.cookie('admin');
      const wrong: string[] = [];
      const headers = [
        ...[
          'Accept',
          'Accept-Encoding',
          'Accept-Language',
          'User-Agent',
          'Referer',
          'Origin',
          'If-None-Match',
          'Range',
        ],
        ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'Forwarded', 'X-Real-IP', 'X-Request-Id'],
        ...['X-HTTP-Method-Override', 'X-CSRF-Token', 'Sec-Fetch-Site', 'Content-Type', 'X-Original-URL'],
        ...['__proto__', 'constructor', 'toString'],
        ...['HX-Request', 'HX-Request-Type', 'HX-Boosted', 'HX-Current-URL', 'HX-Target', 'HX-Trigger', 'HX-Prompt'],
      ];
      for (const [what, value] of Object.entries({ ...STRINGS, ...CONTROLS })) {
        // Bytes as they would come over the line; what no client can send is left out.
        const bytes = Buffer.from(value)
          .toString('latin1')
          .replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
        for (const header of headers) {
          for (const path of ['/dashboard/', SIGN_IN]) {
            const answer = await raw(site, 'GET', path, cookie, { [header]: bytes });
            wrong.push(...wrongWith(answer, `${header} ${what} ${path}`));
          }
        }
        const short = bytes.slice(0, 4_000);
        const planted = await raw(
          site,
          'GET',
          '/user/',
          `posthorn=${short}; posthorn-guest=${short}; ${short}=${short}`,
        );
        wrong.push(...wrongWith(planted, `Cookie ${what}`));
        if (planted.to?.startsWith(SIGN_IN) !== true) wrong.push(`Cookie ${what}: ${planted.status}`);
      }
      expect(wrong).toEqual([]);
    });

    it('in the tables, past every door, harms no job, no export and no lookup table', async () => {
      const people = Object.values({ ...STRINGS, percent: '%_%s %d', quoted: `\\' \\" \\\\` }).filter(
        (one) => one.length <= 90,
      );
      await b.context.data.write(async () => {
        for (const name of people) {
          const address = `${name}@${name}`;
          await b.sql('insert into admin_domain (name, quota) values (?, 1)', [name]);
          await b.sql(
            "insert into core_user (username, email, password, role, first_name, last_login) values (?, ?, 'x', 'SimpleUsers', ?, ?)",
            [address, address, name, '2001-01-01 00:00:00'],
          );
          await b.sql(
            `insert into admin_mailbox (address, domain_id, user_id, quota)
             select ?, d.id, u.id, 1 from admin_domain d, core_user u where d.name = ? and u.username = ?`,
            [name, name, address],
          );
          await b.sql('insert into admin_quota (username, bytes) values (?, 1048576)', [address]);
          await b.sql(
            'insert into admin_alias (address, domain_id, description) select ?, id, ? from admin_domain where name = ?',
            [address, name, name],
          );
          await b.sql(
            'insert into admin_aliasrecipient (alias_id, address) select id, ? from admin_alias where address = ?',
            [address, address],
          );
        }
      });
      await b.set({ handle_mailboxes: false, quota_warnings: true, enable_inactive_accounts: true });
      const ended: string[] = [];
      for (const { from, item } of b.host.kernel.jobs.known()) {
        if (item.cron === undefined) continue;
        const id = await b.host.kernel.jobs.queue.enqueue(`${from}.${item.id}`, {});
        if (id === null) continue;
        const { outcome } = await b.host.kernel.jobs.runner([item.queue ?? 'default']).runOne(id);
        ended.push(`${from}.${item.id} ${outcome}`);
      }
      expect(ended.length).toBeGreaterThan(8);
      expect(ended.filter((one) => !one.endsWith(' done'))).toEqual([]);
      const identities = await b.host.command(['export', 'identities']);
      expect(identities.code).toBe(0);
      for (const name of people) expect(identities.stdout).toContain(name.replaceAll('"', '""'));
      for (const argv of [
        ['export', 'domains'],
        ['maps', 'write', b.host.config.directory],
        ['account', 'list'],
        ['check'],
      ])
        expect((await b.host.command(argv)).code, argv.join(' ')).toBe(0);
      const [left] = await b.sql('select count(*) as n from core_user where first_name <> ?', ['']);
      expect(Number(left?.n)).toBeGreaterThanOrEqual(people.length);
    });

    it('as the name of a program is kept and shown among the devices', async () => {
      const wrong: string[] = [];
      // Whoever has signed in too often with wrong names is kept out for a while.
      await b.sql('delete from core_throttle');
      for (const what of ['script', 'breakout', 'template', 'right', 'long', 'override'] as const) {
        const value = { ...STRINGS, ...CONTROLS }[what] ?? '';
        const agent = Buffer.from(value)
          .toString('latin1')
          .replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
        const browser = new Browser(Number(new URL(site.base).port), { 'user-agent': agent });
        const { status } = await browser.signIn('reseller', 'Toto1234');
        const { status: shown, body } = await browser.ask('/user/devices/');
        if (status !== 303 || shown !== 200) wrong.push(`${what}: ${status} ${shown}`);
        if (escapedWrongly(body) !== undefined) wrong.push(`${what} is shown as ${escapedWrongly(body)}`);
      }
      expect(wrong).toEqual([]);
    });
  });
});

/** Whether the field is marked, or an error page names it. */
function namesField(html: string, name: string): boolean {
  const inputs = [...html.matchAll(/<(?:input|textarea|select)\b[^>]*>/g)].map(([tag]) => tag);
  const isMarked = inputs.some((tag) => tag.includes(` name="${name}"`) && tag.includes('aria-invalid="true"'));
  return isMarked || html.includes(`<strong>${name}</strong>`);
}

/** A request with a path and headers that `fetch` would put right. */
function raw(
  site: Site,
  method: string,
  path: string,
  cookie: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { port } = new URL(site.base);
  const asked = request(
    { host: '127.0.0.1', port, method, path, agent: false, headers: { accept: 'text/html', cookie, ...headers } },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text, to: response.headers.location ?? null }),
      );
      response.on('error', reject);
    },
  );
  asked.on('error', reject);
  asked.end();
  return promise;
}
