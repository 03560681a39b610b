import { mkdtempSync, rmSync } from 'node:fs';
import http, { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { adopt, listenLocally, passOn } from './handover.js';

let folder: string;
const open: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-handover-'));
});
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

/** A successor that tells what it got. */
async function successor(name: string): Promise<string> {
  const path = join(folder, name);
  const server = createServer((request, response) => {
    adopt(request);
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      response.writeHead(request.url === '/empty' ? 204 : 201, { 'X-By': name, 'Keep-Alive': 'timeout=9' });
      response.end(
        request.url === '/empty' || request.method === 'HEAD'
          ? undefined
          : JSON.stringify({
              method: request.method,
              url: request.url,
              headers: request.headers,
              body,
              from: request.socket.remoteAddress,
            }),
      );
    });
  });
  open.push(server);
  await listenLocally(server, path);
  return path;
}

async function retired(successors: readonly string[]): Promise<number> {
  const server = createServer((request, response) => passOn(request, response, successors));
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ask = (
  port: number,
  path: string,
  o: { method?: string; body?: string; headers?: http.OutgoingHttpHeaders } = {},
) =>
  new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const asked = http.request(
      { port, host: '127.0.0.1', path, method: o.method ?? 'GET', headers: o.headers ?? {}, agent: false },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    asked.on('error', reject);
    asked.end(o.body);
  });

it('hands over everything but what belongs to the connection', async () => {
  const port = await retired([await successor('a.sock')]);
  const { status, headers, body } = await ask(port, '/x?y=1', {
    method: 'POST',
    body: 'z'.repeat(300_000),
    headers: {
      Cookie: 'a=b',
      'X-Posthorn-Client': '203.0.113.9',
      Connection: 'x-secret',
      'X-Secret': '1',
      'X-Other': 'kept',
    },
  });
  expect(status).toBe(201);
  expect(headers).toMatchObject({ connection: 'close', 'x-by': 'a.sock' });
  expect(headers['keep-alive']).toBeUndefined();
  const seen = JSON.parse(body) as {
    method: string;
    url: string;
    headers: Record<string, string>;
    body: string;
    from: string;
  };
  expect(seen).toMatchObject({ method: 'POST', url: '/x?y=1', from: '127.0.0.1' });
  expect(seen.body).toHaveLength(300_000);
  expect(seen.headers).toMatchObject({ cookie: 'a=b', 'x-other': 'kept' });
  expect(seen.headers['x-secret']).toBeUndefined();
  expect(seen.headers['x-posthorn-client']).toBeUndefined();
});

it('hands over requests and answers without a body', async () => {
  const port = await retired([await successor('a.sock')]);
  expect(await ask(port, '/x', { method: 'HEAD' })).toMatchObject({ status: 201, body: '' });
  expect(await ask(port, '/empty')).toMatchObject({ status: 204, body: '' });
});

it('goes to the next successor when one is gone, and says 503 when all are', async () => {
  const gone = join(folder, 'gone.sock');
  expect(
    await ask(await retired([gone, await successor('b.sock')]), '/x', { method: 'PUT', body: 'hello' }),
  ).toMatchObject({ status: 201 });
  const refused = await ask(await retired([gone]), '/x');
  expect(refused).toMatchObject({ status: 503, headers: { connection: 'close', 'retry-after': '1' } });
});
