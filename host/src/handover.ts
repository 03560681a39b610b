import { chmodSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { http } from './http-module.js';

/**
 * Passing requests from a retired worker on to a new one. A connection that a client keeps alive stays with the old
 * process, but a request that begins after the switch must not see the old generation; so it travels over a local
 * socket, and the answer tells the client to connect anew.
 */

/** Carries the real client's address over the local socket; means nothing on a request that came by TCP. */
const CLIENT = 'x-posthorn-client';

/** RFC 9110 §7.6.1: these are about one connection, not about the request. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  CLIENT,
]);

function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = String(headers.connection ?? '').split(',');
  const dropped = new Set([...HOP_BY_HOP, ...named.map((name) => name.trim().toLowerCase())]);
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !dropped.has(name)) kept[name] = value;
  }
  return kept;
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { Connection: 'close', 'Retry-After': '1', 'Cache-Control': 'no-store' });
  response.end();
}

/** Hands one request to the first successor that takes it. */
export function passOn(request: IncomingMessage, response: ServerResponse, successors: readonly string[]): void {
  const [socketPath, ...others] = successors;
  if (socketPath === undefined) {
    refuse(response, 503);
    return;
  }
  let isTaken = false;
  const onward = http.request({
    socketPath,
    method: request.method,
    path: request.url,
    headers: { ...endToEnd(request.headers), [CLIENT]: request.socket.remoteAddress ?? '' },
    // A connection each: the successor binds the client's address to it.
    agent: false,
  });
  onward.once('socket', (socket) => {
    socket.once('connect', () => {
      isTaken = true;
      request.pipe(onward);
    });
  });
  onward.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...endToEnd(answer.headers), Connection: 'close' });
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  onward.once('error', () => {
    // Nothing of the request has left us yet when the successor cannot be reached: another may take it.
    if (isTaken) refuse(response, 502);
    else passOn(request, response, others);
  });
  response.once('close', () => {
    if (!response.writableFinished) onward.destroy();
  });
}

/** Makes a request that came over the local socket look as it did where it entered. */
export function adopt(request: IncomingMessage): void {
  const address = request.headers[CLIENT];
  delete request.headers[CLIENT];
  Object.defineProperty(request.socket, 'remoteAddress', { value: address, configurable: true });
}

/** Listens on the local socket, for this user alone, and outside of the cluster's shared handles. */
export function listenLocally(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      chmodSync(path, 0o600);
      server.off('error', reject);
      resolve();
    });
  });
}
