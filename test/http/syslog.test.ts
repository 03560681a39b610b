import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Syslog, syslogLine } from '../../core/src/watch/syslog.js';
import {
  findProgram,
  makeTempDir,
  removeTempDir,
  type SyslogReceiver,
  sleep,
  startSyslogReceiver,
  until,
} from '../kit/src/servers/index.js';
import { demo } from './demo.js';
import { PASSWORD, type Site, serve } from './site.js';

const hasPrograms = findProgram('logger') !== undefined && findProgram('perl') !== undefined;

describe.skipIf(!hasPrograms)('syslog', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await makeTempDir('syslog');
  });
  afterAll(() => removeTempDir(directory));
  const come = (receiver: SyslogReceiver, count: number) =>
    until(`${count} messages`, 20, () => receiver.messages.length >= count);

  describe('of a site', () => {
    let receiver: SyslogReceiver;
    let site: Site;
    beforeAll(async () => {
      const socket = join(directory, 'site');
      receiver = await startSyslogReceiver(socket);
      site = await serve({ with: [demo], syslogSocket: socket });
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await receiver?.stop();
    });

    it('is told of everyone who came in, went, was kept out and had guessed too often', async () => {
      const browser = site.browser({ 'x-forwarded-for': '192.0.2.1' });
      await browser.signIn('root', PASSWORD);
      await browser.ask('/accounts/logout/', { form: { _token: await browser.token('/user/') } });
      const forger = site.browser({ 'x-forwarded-for': '2001:db8::7' });
      for (let i = 0; i < 6; i += 1) await forger.signIn('x" from="192.0.2.9" <38>y', 'canary');
      await come(receiver, 8);
      // <facility auth * 8 + severity>, the moment, the tag with the id of this process
      const head = /^<(\d+)>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?posthorn\[(\d+)\]: (.*)$/s;
      const parts = receiver.messages.map((message) => head.exec(message)?.slice(1));
      const failed = String.raw`user="x\" from=\"192.0.2.9\" <38>y" from="2001:db8::7"`;
      const pid = String(process.pid);
      expect(parts).toEqual([
        ['38', pid, 'sign-in result="success" user="root" from="192.0.2.1"'],
        ['38', pid, 'sign-out result="success" user="root" from="192.0.2.1"'],
        ...Array.from({ length: 5 }, () => ['36', pid, `sign-in result="failure" ${failed}`]),
        ['36', pid, `sign-in result="throttled" ${failed}`],
      ]);
    });
  });

  it('makes nobody wait or fail where nobody listens, and says so once', async () => {
    const warnings: object[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => void warnings.push(fields) };
    const socket = join(directory, 'late');
    await using syslog = new Syslog({ socket, log, retryMs: { first: 20, last: 40 } });
    const start = performance.now();
    for (let i = 0; i < 2_000; i += 1) syslog.write('info', `sign-in n="${i}"`);
    expect(performance.now() - start).toBeLessThan(1_000);
    await sleep(200);
    expect(warnings).toEqual([{ reason: `${socket} is not there` }]);
    // Whoever comes late hears what was kept.
    const receiver = await startSyslogReceiver(socket);
    try {
      await come(receiver, 1_000);
      expect(receiver.messages.at(-1)).toMatch(/sign-in n="1999"$/);
    } finally {
      await receiver.stop();
    }
  });

  it('goes on after its program was killed, and delivers what it holds before it ends', async () => {
    const log = { debug() {}, info() {}, error() {}, warn() {} };
    const socket = join(directory, 'killed');
    const receiver = await startSyslogReceiver(socket);
    try {
      const syslog = new Syslog({ socket, log, retryMs: { first: 20, last: 40 } });
      syslog.write('info', 'one');
      await come(receiver, 1);
      execFileSync('kill', ['-9', programOf(socket)]);
      await until('its end', 10, () => programOf(socket) === '');
      await sleep(100);
      syslog.write('info', 'two');
      await come(receiver, 2);
      for (let i = 0; i < 50; i += 1) syslog.write('warning', `last ${i}`);
      await syslog[Symbol.asyncDispose]();
      await come(receiver, 52);
      expect(receiver.messages.map((message) => message.split(': ').at(-1))).toEqual([
        'one',
        'two',
        ...Array.from({ length: 50 }, (_, i) => `last ${i}`),
      ]);
      expect(programOf(socket)).toBe('');
      syslog.write('info', 'after the end');
      await sleep(100);
      expect(receiver.messages).toHaveLength(52);
    } finally {
      await receiver.stop();
    }
  });

  it('gets one message for one line, whatever stands in it and however long it is', async () => {
    const log = { debug() {}, info() {}, error() {}, warn() {} };
    const socket = join(directory, 'nasty');
    const receiver = await startSyslogReceiver(socket);
    try {
      await using syslog = new Syslog({ socket, log });
      const lines = ['a\n<38>b\r\u0000\u202e', '\u{1f600}'.repeat(300), '\u0001'.repeat(300)].map((user) =>
        syslogLine('sign-in', { user, from: user }),
      );
      for (const line of [...lines, 'the end']) syslog.write('warning', line);
      await come(receiver, 4);
      const said = receiver.messages.map((message) => message.slice(message.indexOf(']: ') + 3));
      expect(said).toEqual([...lines, 'the end']);
    } finally {
      await receiver.stop();
    }
  });

  it('goes without the program', async () => {
    const warnings: object[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => void warnings.push(fields) };
    const options = { socket: '/dev/null', log, program: '/nowhere/logger', retryMs: { first: 10, last: 20 } };
    await using syslog = new Syslog(options);
    for (let i = 0; i < 5; i += 1) {
      syslog.write('info', 'one');
      await sleep(30);
    }
    expect(warnings).toEqual([{ reason: 'there is no program /nowhere/logger' }]);
  });
});

/** The process id of the `logger` that writes to this socket; '' where there is none. */
function programOf(socket: string): string {
  const list = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  const found = list.find((line) => line.includes(`--socket=${socket}`) && !/^\s*\d+ Z/.test(line));
  return found === undefined ? '' : (/\d+/.exec(found)?.[0] ?? '');
}
