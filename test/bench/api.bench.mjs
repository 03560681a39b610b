/** On SQLite with ten thousand mailboxes: calls of the API over one and sixteen connections, beside a bare Koa that answers as much, and one of them beside a Koa that answers it by hand. */
import http from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { childrenOf, freshInstance, memoryOf, serve, serveBareKoa, serveKoaByHand } from './lib/instance.mjs';
import { mailData, PER_DOMAIN } from './lib/mail-data.mjs';
import { row } from './lib/rows.mjs';
import { median, quantile } from './lib/statistics.mjs';
import { figure, table } from './lib/table.mjs';

const COUNT = 10_000;
const CONNECTIONS = [1, 16];
const WARM_MS = 600;
const LOAD_MS = 1_500;
const ROUNDS = 3;
const RSS_MOST_MB = 250;

/** The calls, by what they are called here. */
const calls = [
  { name: 'domains', path: 'domains/' },
  { name: 'domains, 50 of them', path: 'domains/?limit=50', most: 10 },
  { name: 'accounts, 50 of them', path: 'accounts/?limit=50', most: 10 },
  {
    name: 'accounts, 50 far behind',
    path: `accounts/?limit=50&cursor=${Buffer.from(' u9').toString('base64url')}`,
    most: 10,
  },
  { name: 'accounts, one found', path: 'accounts/?search=u9999@' },
  { name: 'account', path: 'accounts/5000/', share: 1 / 3 },
  { name: 'account, its tag known', path: 'accounts/5000/', isTagged: true },
];

/** Milliseconds and size of one request. */
function ask(agent, port, path, { token, method = 'GET', body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent,
        headers: {
          ...(token === undefined ? {} : { authorization: `Token ${token}` }),
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        let size = 0;
        response.on('data', (chunk) => {
          size += chunk.length;
        });
        response.once('end', () =>
          resolve({
            ms: performance.now() - begun,
            size,
            status: response.statusCode ?? 0,
            etag: response.headers.etag,
          }),
        );
        response.once('error', reject);
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

/** Requests for a while over so many connections: each answer's milliseconds, and how many came in a second. */
async function load(port, connections, requestOf, ms) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const begun = performance.now();
  const end = begun + ms;
  try {
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (performance.now() < end) {
          const { path, ...o } = requestOf();
          const answer = await ask(agent, port, path, o);
          if (answer.status >= 400) throw new Error(`${path}: ${answer.status}`);
          times.push(answer.ms);
        }
      }),
    );
  } finally {
    agent.destroy();
  }
  return { times, rate: (times.length * 1_000) / (performance.now() - begun) };
}

/** Ours and the bare one in turns. */
async function beside(server, bare, connections, requestOf, bareRequestOf = () => ({ path: '/' })) {
  const ours = { times: [], rates: [] };
  const theirs = [];
  await load(server.port, connections, requestOf, WARM_MS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { times, rate } = await load(server.port, connections, requestOf, LOAD_MS);
    ours.times.push(...times);
    ours.rates.push(rate);
    theirs.push((await load(bare.port, connections, bareRequestOf, LOAD_MS)).rate);
  }
  return { ...ours, theirs };
}

export default {
  async run() {
    await using instance = await freshInstance();
    const db = new DatabaseSync(instance.sqliteFile);
    db.exec(`begin; ${mailData(COUNT, 0).join('; ')}; commit; pragma wal_checkpoint(truncate)`);
    db.close();
    const { stdout } = await instance.must(['token', 'create', 'admin']);
    const token = stdout.trimEnd().split('\n').at(-1);
    const server = await serve(instance.directory);
    const rows = [];
    const lines = [];
    let made = 0;
    try {
      const once = new http.Agent();
      for (const call of calls) {
        const path = `/api/v1/${call.path}`;
        const { size, etag, status } = await ask(once, server.port, path, { token });
        if (status !== 200) throw new Error(`${path}: ${status}`);
        const headers = call.isTagged === true ? { 'if-none-match': etag } : {};
        const bare = await serveBareKoa(call.isTagged === true ? 1 : size);
        for (const connections of CONNECTIONS) {
          const { times, rates, theirs } = await beside(server, bare, connections, () => ({ path, token, headers }));
          const name = `api: ${call.name}, ${connections} connection${connections === 1 ? '' : 's'}`;
          const isJudged = call.share !== undefined && connections === 1;
          rows.push(
            row({
              name,
              unit: '1/s',
              samples: rates,
              baseline: { name: `bare Koa, ${figure(size / 1_000)} kB`, samples: theirs },
              paired: true,
              ...(isJudged ? { aim: { of: 'ratio', above: call.share } } : {}),
            }),
          );
          if (call.most !== undefined && connections === 1) {
            rows.push(
              row({
                name: `${name}: p50`,
                unit: 'ms',
                samples: [median(times)],
                aim: { of: 'median', below: call.most },
              }),
            );
          }
          lines.push([name.slice(5), figure(median(rates)), figure(median(times)), figure(quantile(times, 0.99))]);
        }
        await bare.stop();
        if (call.share === undefined) continue;
        const byHand = await serveKoaByHand(instance.sqliteFile);
        for (const connections of CONNECTIONS) {
          const requestOf = () => ({ path, token });
          const { rates, theirs } = await beside(server, byHand, connections, requestOf, requestOf);
          const name = `api: ${call.name}, ${connections} connection${connections === 1 ? '' : 's'}`;
          const baseline = { name: 'the same by hand in Koa', samples: theirs };
          rows.push(row({ name, unit: '1/s', samples: rates, baseline, paired: true }));
        }
        await byHand.stop();
      }
      once.destroy();
      for (const connections of CONNECTIONS) {
        const requestOf = () => {
          made += 1;
          const body = JSON.stringify({
            username: `new${made}@d${made % (COUNT / PER_DOMAIN) || 1}.test`,
            password: 'Toto1234',
          });
          return { path: '/api/v1/accounts/', method: 'POST', body, token };
        };
        const { times, rate } = await load(server.port, connections, requestOf, LOAD_MS);
        const name = `api: make an account, ${connections} connection${connections === 1 ? '' : 's'}`;
        rows.push(row({ name, unit: '1/s', samples: [rate] }));
        lines.push([name.slice(5), figure(rate), figure(median(times)), figure(quantile(times, 0.99))]);
      }
      const worker = Math.max(...childrenOf(server.pid).map((pid) => memoryOf(pid).rss));
      rows.push(
        row({
          name: 'api: worker afterwards',
          unit: 'MB',
          samples: [worker],
          aim: { of: 'median', below: RSS_MOST_MB },
        }),
      );
    } finally {
      await server.stop();
    }
    return {
      rows,
      notes: [
        `calls at ${COUNT.toLocaleString('en-US')} mailboxes:\n${table(['call', '1/s>', 'p50 ms>', 'p99 ms>'], lines)}`,
      ],
      details: { lines },
    };
  },
};
