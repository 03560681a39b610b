import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { SECURITY_HEADERS } from '../../core/src/http/security-headers.js';
import { assets, samples } from './samples.js';

/** Tabler's style sheet draws ticks and arrows with data: pictures. */
const headers = {
  ...SECURITY_HEADERS,
  'Content-Security-Policy': String(SECURITY_HEADERS['Content-Security-Policy']).replace(
    /img-src 'self'(?: data:)?/,
    "img-src 'self' data:",
  ),
};

/** Serves the sample pages and the assets as the host does. */
export async function serveSamples(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const [, kind, id, , name] = url.pathname.split('/');
      const asset = kind === 'assets' ? assets.find(name ?? '', id) : undefined;
      if (asset !== undefined) {
        const { encoding, body } = await asset.negotiated(request.headers['accept-encoding']);
        response.writeHead(200, {
          ...headers,
          'Content-Type': asset.type,
          ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
        });
        response.end(body);
        return;
      }
      const sample = samples[url.pathname];
      response.writeHead(sample === undefined ? 404 : 200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' });
      response.end(sample?.(url) ?? 'nothing here');
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String((error as Error).stack));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
