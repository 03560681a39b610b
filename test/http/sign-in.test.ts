import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelParameters } from '../../core/src/parameters/kernel-parameters.js';
import type { Browser } from './browser.js';
import { demo } from './demo.js';
import { PASSWORD, type Site, serve } from './site.js';

/** `SIGN_INS_MOST` of the kernel. */
const SIGN_INS_MOST = 64;

let site: Site;
beforeAll(async () => {
  site = await serve({ with: [demo] });
});
afterAll(() => site?.[Symbol.asyncDispose]());

/** What a browser sends of its own, for requests that must not share its cookies' changes. */
const cookieOf = (browser: Browser) => ({
  cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
});

const from = (address: string) => site.browser({ 'x-forwarded-for': address });

describe('signing in', () => {
  it('leads a guest to the page he wanted, and nowhere else', async () => {
    const browser = site.browser();
    const kept = await browser.ask('/demo/mine/?a=1&b=%2F');
    expect(kept.headers['location']).toBe('/accounts/login/?next=%2Fdemo%2Fmine%2F%3Fa%3D1%26b%3D%252F');
    const page = await browser.ask(String(kept.headers['location']));
    expect(page.body).toContain('name="next" value="/demo/mine/?a=1&amp;b=%2F"');
    const answer = await browser.signIn('root', PASSWORD, { next: '/demo/mine/?a=1&b=%2F' });
    expect(answer.headers['location']).toBe('/demo/mine/?a=1&b=%2F');
  });

  it.each([
    '//evil.example/',
    '///evil.example/',
    '/\\evil.example/',
    '\\\\evil.example/',
    '/\t/evil.example/',
    '/\n/evil.example/',
    '/\u0000/evil.example',
    'https://evil.example/',
    'https:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/..//evil.example/',
    '/.//evil.example/',
    ' //evil.example/',
    'evil.example',
    '@evil.example',
    '/ /evil.example',
    '',
  ])('does not lead to %j', async (next) => {
    const browser = site.browser();
    const shown = await browser.ask(`/accounts/login/?next=${encodeURIComponent(next)}`);
    expect(shown.status).toBe(200);
    expect(shown.body).toContain('name="next" value=""');
    const answer = await browser.signIn('plain', PASSWORD, { next });
    // A control character is no value of the field at all.
    if (answer.status === 303) expect(answer.headers['location']).toBe('/user/');
    else expect(answer.status).toBe(422);
    const signedIn = await site.signedIn('plain');
    const again = await signedIn.ask(`/accounts/login/?next=${encodeURIComponent(next)}`);
    expect([again.status, again.headers['location']]).toEqual([303, '/user/']);
  });

  it('answers an unknown name, a wrong password, a name that cannot be and a disabled account alike', async () => {
    const { accounts } = site.host.kernel;
    await accounts.create(site.host.system, {
      username: 'asleep',
      role: 'SimpleUsers',
      passwordHash: `{PLAIN}${PASSWORD}`,
      is_active: false,
    });
    const answers = [];
    for (const username of ['plain', 'nobody', 'asleep', 'a\u0000b']) {
      const browser = from('203.0.113.1');
      const answer = await browser.signIn(username, username === 'asleep' ? PASSWORD : 'wrong');
      answers.push([
        answer.status,
        answer.body
          .replace(/name="_token" value="[^"]*"/, '')
          .replace(/name="username" value="[^"]*"/, '')
          .replace(/name="username"/, ''),
      ]);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.[0]).toBe(422);
  });

  it('is noted with name and address, and never with the password', async () => {
    const browser = from('203.0.113.2');
    await browser.signIn('noted\r\nSigned in: root', 'canary-1');
    await browser.signIn('keeper', 'canary-2');
    await browser.signIn('keeper', PASSWORD);
    const rows = await site.host.kernel.database.execute<{ level: string; logger: string; message: string }>(
      'select level, logger, message from core_log order by id desc limit 2',
    );
    expect(rows).toEqual([
      { level: 'info', logger: 'host.auth', message: 'Signed in: keeper from 203.0.113.2' },
      { level: 'warning', logger: 'host.auth', message: 'Sign-in failed: keeper from 203.0.113.2' },
    ]);
    const all = JSON.stringify(await site.host.kernel.database.execute('select * from core_log'));
    expect(all).not.toContain('canary');
    expect(all).not.toContain(PASSWORD);
  });

  it('writes the time of the last one', async () => {
    await site.signedIn('root');
    const root = await site.host.kernel.accounts.findByUsername('root');
    expect(Math.abs((root?.last_login?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });
});

describe('guessing', () => {
  it('ends after five failures of one name from one address, and the right password waits as well', async () => {
    const browser = from('198.51.100.1');
    for (let i = 0; i < 5; i += 1) expect((await browser.signIn('root', 'wrong')).status).toBe(422);
    const refused = await browser.signIn('root', PASSWORD);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
    expect(refused.body).toContain('too many failed attempts');
    // Its owner comes in from elsewhere.
    expect((await from('198.51.100.2').signIn('root', PASSWORD)).status).toBe(303);
    // An administrator lets him in from here, too.
    await site.host.kernel.throttle.unlock('ROOT');
    expect((await browser.signIn('root', PASSWORD)).status).toBe(303);
  });

  it('ends for a name that does not exist like for one that does', async () => {
    const browser = from('198.51.100.3');
    for (let i = 0; i < 5; i += 1) expect((await browser.signIn('ghost', 'wrong')).status).toBe(422);
    expect((await browser.signIn('ghost', 'wrong')).status).toBe(429);
  });

  it('ends when many come at once', async () => {
    const browser = from('198.51.100.4');
    const token = await browser.token();
    const answers = await Promise.all(
      Array.from({ length: 16 }, () =>
        browser.ask('/accounts/login/', { form: { username: 'keeper', password: 'wrong', _token: token } }),
      ),
    );
    expect(answers.filter((a) => a.status === 422).length).toBeLessThanOrEqual(5);
    expect(answers.filter((a) => a.status === 429).length).toBeGreaterThanOrEqual(11);
    await site.host.kernel.throttle.unlock('keeper');
  });

  it('never refuses right passwords for their number, also when fifty come at once', async () => {
    const browser = from('198.51.100.20');
    const token = await browser.token();
    const form = { username: 'root', password: PASSWORD, _token: token };
    const ask = () => browser.ask('/accounts/login/', { form, isBare: true, headers: cookieOf(browser) });
    for (const count of [16, 50]) {
      const answers = await Promise.all(Array.from({ length: count }, ask));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 303));
    }
  });

  it('lets fifty guesses at once try no more than five', async () => {
    const browser = from('198.51.100.21');
    const form = { username: 'keeper', password: 'wrong', _token: await browser.token() };
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        browser.ask('/accounts/login/', { form, isBare: true, headers: cookieOf(browser) }),
      ),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(45);
    const tried = await site.host.kernel.database.execute(
      "select id from core_log where message = 'Sign-in failed: keeper from 198.51.100.21'",
    );
    expect(tried).toHaveLength(5);
    expect((await browser.signIn('keeper', PASSWORD)).status).toBe(429);
    await site.host.kernel.throttle.unlock('keeper');
  });

  it('ends for an address that tries many names, a whole IPv6 network taken together', async () => {
    const token = async (n: number) => {
      const browser = from(`2001:db8:1:2::${n.toString(16)}`);
      return (await browser.signIn(`name${n}`, 'wrong')).status;
    };
    const answers = [];
    for (let i = 1; i <= 51; i += 1) answers.push(await token(i));
    expect(answers.filter((status) => status === 422)).toHaveLength(50);
    expect(answers.at(-1)).toBe(429);
    expect((await from('2001:db8:1:3::1').signIn('root', PASSWORD)).status).toBe(303);
  });

  it('is forgotten after a success, which writes nothing where nothing had failed', async () => {
    const browser = from('198.51.100.5');
    for (let i = 0; i < 4; i += 1) await browser.signIn('plain', 'wrong');
    expect((await browser.signIn('plain', PASSWORD)).status).toBe(303);
    const again = from('198.51.100.5');
    for (let i = 0; i < 4; i += 1) expect((await again.signIn('plain', 'wrong')).status).toBe(422);
    const [before] = await site.host.kernel.database.execute('select count(*) as n from core_throttle');
    await from('198.51.100.6').signIn('root', PASSWORD);
    expect((await site.host.kernel.database.execute('select count(*) as n from core_throttle'))[0]).toEqual(before);
  });
});

describe('more sign-ins at once than can be checked soon', () => {
  it('are answered at once with a request to come again, and the others are served', async () => {
    const { parameters } = site.host.kernel;
    // Each takes a while, and no throttle counts them together.
    await parameters.write(kernelParameters, { password_scheme: 'sha256crypt', rounds_number: 40_000 });
    const people = await Promise.all(
      Array.from({ length: SIGN_INS_MOST + 16 }, async (_, n) => {
        const browser = from(`198.51.100.${n}`);
        await browser.ask('/accounts/login/');
        return browser;
      }),
    );
    const answers = await Promise.all(people.map((browser, n) => browser.signIn(`nobody${n}`, 'wrong')));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(answers.length - refused.length);
    for (const one of refused) {
      expect(one.headers['retry-after']).toBe('2');
      expect(one.body).toContain('Many people are signing in just now.');
    }
    expect((await from('198.51.100.200').signIn('plain', PASSWORD)).status).toBe(303);
  }, 60_000);
});
