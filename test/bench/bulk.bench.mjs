/**
 * What is done to ten thousand mailboxes at once, by the job that the lists' bulk actions begin: disable, set a quota,
 * delete, on each database.
 */
import { SUPER_ADMINS } from '@posthorn/sdk';
import { testHost } from '@posthorn/testkit';
import { onDatabase } from './lib/databases.mjs';
import { HASH, mailData } from './lib/mail-data.mjs';
import { notRun, row } from './lib/rows.mjs';
import { statementCount } from './lib/statements.mjs';

const COUNT = 10_000;
const MOST_SECONDS = 20;
const MOST_STATEMENTS = 10;
const FILTER = { q: '', kind: 'account', role: 'SimpleUsers', domain: '', others: '' };
const CHANGES = [
  { action: 'disable', done: 'select count(*) as n from core_user where is_active = false' },
  { action: 'quota', quota: 77, done: 'select count(*) as n from admin_mailbox where quota = 77' },
  { action: 'delete', done: `select ${COUNT} - count(*) as n from admin_mailbox` },
];

async function measure({ dialect, server }) {
  const { default: admin } = await import('@posthorn/admin');
  const database = server === undefined ? undefined : (await server.createDatabase()).url;
  const seen = statementCount();
  await using host = await testHost({
    with: [admin],
    onStatement: seen.hear,
    ...(database === undefined ? {} : { database }),
  });
  const { kernel } = host;
  const context = host.context('admin');
  const root = await kernel.accounts.create(host.system, { username: 'root', role: SUPER_ADMINS, passwordHash: HASH });
  // MariaDB wants to be told of each table.
  const statements = mailData(COUNT, 0).filter((one) => dialect !== 'mariadb' || one !== 'analyze');
  for (const statement of statements) await kernel.database.execute(statement);
  const actor = await kernel.accounts.actor(root, 'page');
  const outcomes = [];
  for (const { action, quota, done } of CHANGES) {
    const payload = {
      list: 'identities',
      action,
      filter: FILTER,
      until: '999999 999999',
      total: COUNT,
      keepdir: false,
    };
    await kernel.database.write(() =>
      kernel.jobs.queue.enqueue('admin.bulk-change', quota === undefined ? payload : { ...payload, quota }, {
        by: actor,
      }),
    );
    seen.count = 0;
    seen.texts.clear();
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const [run] = await kernel.jobs.runner(['default']).drain();
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const changed = Number((await context.data.execute(done))[0].n);
    if (run?.outcome !== 'done' || changed !== COUNT) throw new Error(`${action}: ${run?.outcome}, ${changed} changed`);
    const texts = [...seen.texts].sort((a, b) => b[1] - a[1]).slice(0, 20);
    outcomes.push({
      dialect,
      action,
      seconds,
      cpuMs: (user + system) / 1_000 / COUNT,
      statements: seen.count / COUNT,
      texts,
    });
  }
  return outcomes;
}

export default {
  async run() {
    const rows = [];
    const details = {};
    for (const dialect of ['sqlite', 'postgresql', 'mariadb']) {
      const outcome = await onDatabase(dialect, measure);
      if ('reason' in outcome) {
        rows.push(notRun(`bulk on ${dialect}`, outcome.reason));
        continue;
      }
      details[dialect] = outcome.value;
      for (const { action, seconds, cpuMs, statements } of outcome.value) {
        rows.push(
          row({
            name: `${dialect}: ${action}, ${COUNT.toLocaleString('en-US')} mailboxes`,
            unit: 's',
            samples: [seconds],
            aim: { of: 'median', below: MOST_SECONDS },
          }),
          row({
            name: `${dialect}: ${action}, statements of a mailbox`,
            unit: '',
            samples: [statements],
            aim: { of: 'median', below: MOST_STATEMENTS },
          }),
          row({ name: `${dialect}: ${action}, our processor's time for a mailbox`, unit: 'ms', samples: [cpuMs] }),
        );
      }
    }
    return { rows, notes: [], details };
  },
};
