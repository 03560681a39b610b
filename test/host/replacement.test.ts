import { readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { sleep, until } from '@posthorn/testkit/servers';
import { describe, expect, it } from 'vitest';
import { instance } from './instance.js';
import { raiseAssembly, request, serve, sql } from './serving.js';

const QUICK = { POSTHORN_RETIRE_SECONDS: '3' };

describe('replacing workers', () => {
  it('fails no request under load on kept-alive connections', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, { env: { ...QUICK, POSTHORN_LOG_LEVEL: 'warn' } });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 24 });
    let isOver = false;
    let asked = 0;
    const failures: string[] = [];
    const lanes = Array.from({ length: 24 }, async () => {
      while (!isOver) {
        asked += 1;
        try {
          const { status } = await request(serving.port, '/healthz', { agent });
          if (status !== 200) failures.push(String(status));
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
    });
    const first = serving.workers();
    for (let round = 1; round <= 3; round += 1) {
      const before = serving.workers();
      raiseAssembly(made.directory);
      await until('another worker', 15, () => serving.workers().some((pid) => !before.includes(pid)));
      await until('the old one to end', 15, () => !serving.workers().some((pid) => before.includes(pid)));
    }
    isOver = true;
    await Promise.all(lanes);
    agent.destroy();
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(500);
    expect(serving.workers()).toHaveLength(1);
    expect(serving.workers()).not.toEqual(first);
    expect(await serving.stop()).toBe(0);
  });

  it('passes on what reaches a retired worker, with the client’s address', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, { env: QUICK });
    const [old] = serving.workers();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (path: string, id: string) => serving.ask(path, { agent, headers: { 'x-request-id': id } });
    const before = JSON.parse((await ask('/readyz', 'before')).body) as { revision: number };

    raiseAssembly(made.directory);
    // The old worker’s row goes when it retires; only then is the answer to a click given.
    const pids = () => sql(made.directory, 'select pid, assembly from core_process').map((row) => Number(row['pid']));
    await until('the switch', 15, () => pids().length === 1 && pids()[0] !== old);

    const after = await ask('/readyz', 'after');
    expect((JSON.parse(after.body) as { revision: number }).revision).toBe(before.revision + 1);
    expect(after.headers['connection']).toBe('close');
    const line = await until('its log line', 5, () =>
      serving.logged('request').find((one) => one['request'] === 'after'),
    );
    expect(line['pid']).not.toBe(old);
    expect(line['client']).toBe('127.0.0.1');
    agent.destroy();
    await until('the old worker to end', 10, () => !serving.workers().includes(old ?? 0));
  });

  it('ends a request where it began', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, { env: QUICK });
    const [old] = serving.workers();
    const socket = connect(serving.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    // Held for longer than the retired worker may live.
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    await sleep(200);
    raiseAssembly(made.directory);
    await until('the new worker', 15, () => serving.logged('workers replaced').length === 1);
    socket.write('\r\n');
    await until('the answer', 5, () => text.includes('"ok"'));
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
    await until('the old worker to end', 10, () => !serving.workers().includes(old ?? 0));
  });

  it('ends a retired worker at its deadline, whatever it holds', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, { env: { POSTHORN_RETIRE_SECONDS: '1' } });
    const [old] = serving.workers();
    const socket = connect(serving.port, '127.0.0.1').on('error', () => {});
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    await sleep(200);
    raiseAssembly(made.directory);
    await until('the switch', 15, () => serving.logged('workers replaced').length === 1);
    await until('the old worker to end', 5, () => !serving.workers().includes(old ?? 0));
    expect(serving.logged('ending although not everything is finished')).toHaveLength(1);
    socket.destroy();
  });

  it('keeps the old workers when new ones do not become ready, and says why', async () => {
    await using made = await instance();
    const file = join(made.directory, 'posthorn.yaml');
    const good = readFileSync(file, 'utf8');
    await using serving = await serve(made.directory, { env: QUICK });
    const before = serving.workers();
    writeFileSync(file, `${good}\nessential: [nobody]\n`);
    raiseAssembly(made.directory);
    await until(
      'the failure',
      15,
      () => serving.logged('new workers did not become ready; the old ones serve on').length === 1,
    );
    const problems = await until('the process row', 10, () => {
      const text = String(sql(made.directory, 'select problems from core_process')[0]?.['problems'] ?? '[]');
      return text === '[]' ? undefined : text;
    });
    expect(problems).toMatch(/assembly \d+: .*nobody is essential/);
    const { status, body } = await serving.readyz();
    expect(status).toBe(200);
    expect(body['notices']).toHaveLength(1);
    await until('candidates to be gone', 10, () => serving.workers().length === 1);
    expect(serving.workers()).toEqual(before);

    writeFileSync(file, good);
    raiseAssembly(made.directory);
    await until('the replacement', 15, () => serving.logged('workers replaced').length === 1);
    expect((await serving.readyz()).body['notices']).toEqual([]);
    expect(serving.logged('new workers did not become ready; the old ones serve on')).toHaveLength(1);
  });

  it('replaces nobody when only parameters change', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, { env: QUICK });
    const before = serving.workers();
    sql(made.directory, 'update core_revision set revision = revision + 1 where id = 1');
    const { revision } = sql(made.directory, 'select revision from core_revision')[0] as { revision: number };
    await until(
      'the process row to follow',
      10,
      () => sql(made.directory, 'select revision from core_process')[0]?.['revision'] === revision,
    );
    expect(serving.workers()).toEqual(before);
  });

  it('looks at once after SIGHUP and builds anew after SIGUSR2', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory, { env: QUICK });
    expect(statSync(join(made.directory, 'run')).mode & 0o777).toBe(0o700);
    serving.child.kill('SIGHUP');
    await sleep(300);
    expect(serving.logged('workers replaced')).toHaveLength(0);
    serving.child.kill('SIGUSR2');
    await until('the replacement', 15, () => serving.logged('workers replaced').length === 1);
    expect(await serving.stop()).toBe(0);
  });

  it('replaces a worker that runs jobs only', async () => {
    await using made = await instance();
    await using worker = await serve(made.directory, { command: ['worker'], env: QUICK });
    const before = worker.workers();
    expect(sql(made.directory, 'select role from core_process')).toEqual([{ role: 'worker' }]);
    raiseAssembly(made.directory);
    await until('the replacement', 15, () => worker.logged('workers replaced').length === 1);
    await until('the old one to end', 10, () => !worker.workers().includes(before[0] ?? 0));
    expect(await worker.stop()).toBe(0);
    expect(sql(made.directory, 'select role from core_process')).toEqual([]);
  });
});
