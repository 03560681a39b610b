import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { sleep, until } from '@posthorn/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instance, run } from './instance.js';
import { type Serving, serve } from './serving.js';

describe('posthorn serve', () => {
  let made: Awaited<ReturnType<typeof instance>>;
  let serving: Serving;
  beforeAll(async () => {
    made = await instance();
    serving = await serve(made.directory, { env: { POSTHORN_BASE_URL: 'https://mx.example.test/' } });
  });
  afterAll(async () => {
    await serving[Symbol.asyncDispose]();
    await made[Symbol.asyncDispose]();
  });

  it('prints one line with the address', () => {
    const lines = serving
      .output()
      .split('\n')
      .filter((line) => !line.startsWith('{') && line !== '');
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^Posthorn \\d+\\.\\d+\\.\\d+ listens on http://127\\.0\\.0\\.1:${serving.port}$`),
      ),
    ]);
  });

  it('answers health and readiness, never from a cache', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await serving.ask(path);
      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    }
    expect((await serving.readyz()).body).toMatchObject({ status: 'ready', database: 'ok', reasons: [] });
  });

  it('leads to where one signs in, which needs no script', async () => {
    expect(await serving.ask('/')).toMatchObject({ status: 303, headers: { location: '/accounts/login/' } });
    const answer = await serving.ask('/accounts/login/');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    // Nobody who has not signed in needs to know what runs here.
    expect(answer.body).not.toMatch(/admin@|"admin"|\d+\.\d+\.\d+/);
    expect(answer.body).not.toMatch(/<script(?![^>]* src=)|<style|style=|javascript:| on[a-z]+=/i);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });

    const assets = [...answer.body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((m) => m[1] ?? '');
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) {
      const asset = await serving.ask(path);
      expect(asset.status).toBe(200);
      expect(asset.headers['cache-control']).toContain('immutable');
      expect(asset.headers['x-content-type-options']).toBe('nosniff');
    }
    const outdated = await serving.ask((assets[0] ?? '').replace(/[0-9a-f]{12}/, '000000000000'));
    expect(outdated.status).toBe(200);
    expect(outdated.headers['cache-control']).toBe('no-cache');
  });

  it('takes HEAD for GET and refuses other methods by name', async () => {
    const get = await serving.ask('/');
    const head = await serving.ask('/', { method: 'HEAD' });
    expect(head.status).toBe(get.status);
    expect(head.body).toBe('');
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    for (const method of ['POST', 'DELETE', 'PROPFIND']) {
      const refused = await serving.ask('/', { method });
      expect(refused.status).toBe(405);
      expect(refused.headers['allow']).toBe('GET, HEAD, OPTIONS');
    }
    expect((await serving.ask('/', { method: 'OPTIONS' })).status).toBe(204);
  });

  it('answers errors as a page, as JSON, and never with more than it should', async () => {
    const page = await serving.ask('/nothing/<here>', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(404);
    expect(page.body).toContain('There is nothing at this address.');
    expect(page.body).not.toContain('<here>');
    const json = await serving.ask('/nothing', { headers: { accept: 'application/json' } });
    expect(json.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(json.body)).toMatchObject({ status: 404, instance: json.headers['x-request-id'] });
    for (const path of [
      '/%ff',
      '/assets/%ff/x/y',
      '/assets/host/../../../package.json',
      '/assets/host/x/..%2f..%2fpackage.json',
      '/assets/host/x/__proto__',
    ]) {
      const answer = await serving.ask(path);
      expect([400, 404]).toContain(answer.status);
      expect(answer.body).not.toContain('@posthorn/core');
    }
  });

  it('keeps a harmless request id and replaces any other', async () => {
    expect((await serving.ask('/healthz', { headers: { 'x-request-id': 'abc-123' } })).headers['x-request-id']).toBe(
      'abc-123',
    );
    for (const id of ['with space', '<b>', 'x'.repeat(65), '']) {
      const given = (await serving.ask('/healthz', { headers: { 'x-request-id': id } })).headers['x-request-id'];
      expect(given).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('logs each request without its query string', async () => {
    await serving.ask('/healthz?token=Sesam-42', { headers: { 'x-request-id': 'with-query' } });
    const line = await until('the log line', 5, () =>
      serving.logged('request').find((one) => one['request'] === 'with-query'),
    );
    expect(line).toMatchObject({ method: 'GET', path: '/healthz', status: 200, client: '127.0.0.1' });
    expect(serving.output()).not.toContain('Sesam');
  });

  it('believes forwarded addresses from trusted proxies only', async () => {
    await serving.ask('/healthz', {
      headers: { 'x-request-id': 'forged', 'x-forwarded-for': '203.0.113.9', 'x-posthorn-client': '203.0.113.9' },
    });
    const line = await until('the log line', 5, () =>
      serving.logged('request').find((one) => one['request'] === 'forged'),
    );
    expect(line['client']).toBe('127.0.0.1');
  });

  it('says in one line that its address is taken', async () => {
    const refused = await run(['serve', '--listen', `127.0.0.1:${serving.port}`, '--instance', made.directory]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`127.0.0.1:${serving.port}: another program does already`);
  });
});

describe('the end of posthorn serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('comes with exit code 0 after %s', async (signal) => {
    await using made = await instance();
    await using serving = await serve(made.directory);
    await serving.ask('/');
    expect(await serving.stop(signal)).toBe(0);
    expect(readdirSync(join(made.directory, 'run'))).toEqual([]);
  });

  it('finishes a request that was begun, says 503 on /readyz meanwhile, and takes no new connection', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory);
    const socket = connect(serving.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\n');
    await sleep(200);
    serving.child.kill('SIGTERM');
    await sleep(500);
    await expect(serving.ask('/healthz')).rejects.toThrow('ECONNREFUSED');
    socket.write('\r\n');
    expect(await serving.ended).toBe(0);
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
    expect(text).toContain('draining');
  });

  it('comes at once with the second signal', async () => {
    await using made = await instance();
    await using serving = await serve(made.directory);
    const socket = connect(serving.port, '127.0.0.1').on('error', () => {});
    socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\n');
    await sleep(200);
    serving.child.kill('SIGTERM');
    await sleep(400);
    expect(serving.child.exitCode).toBe(null);
    serving.child.kill('SIGTERM');
    expect(await serving.ended).toBe(143);
    socket.destroy();
  });

  it('comes for workers too when the supervisor is killed, and the next start cleans up', async () => {
    await using made = await instance();
    await using killed = await serve(made.directory);
    const workers = killed.workers();
    expect(workers).toHaveLength(1);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await until('the worker to end', 5, () => !isAlive(workers[0] ?? 0));
    expect(readdirSync(join(made.directory, 'run')).length).toBeGreaterThan(0);
    await using next = await serve(made.directory);
    const left = readdirSync(join(made.directory, 'run')).filter((name) => name.includes(String(workers[0])));
    expect(left).toEqual([]);
    expect(await next.stop()).toBe(0);
  });
});

describe('several workers', () => {
  it('share one address', async () => {
    await using made = await instance();
    writeFileSync(
      join(made.directory, 'posthorn.yaml'),
      `${readFileSync(join(made.directory, 'posthorn.yaml'), 'utf8')}\nworkers: 3\n`,
    );
    await using serving = await serve(made.directory);
    await until('three workers', 10, () => serving.workers().length === 3);
    await until('answers of all three', 10, async () => {
      await Promise.all(Array.from({ length: 30 }, () => serving.ask('/')));
      return new Set(serving.logged('request').map((line) => line['pid'])).size === 3;
    });
    expect(await serving.stop()).toBe(0);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
