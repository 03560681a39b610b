/** A signed-in reader: his cookie, and requests over connections that he keeps. */
import http from 'node:http';

/**
 * @typedef {{ status: number, headers: http.IncomingHttpHeaders, body: Buffer, ms: number }} Answer
 * @typedef {{ form?: Record<string, string>, encodings?: string }} Ask
 */

/**
 * @param {number} port
 * @param {number} [connections]
 */
export function reader(port, connections = 1) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const cookies = new Map();

  /**
   * @param {string} path
   * @param {Ask} [o]
   * @returns {Promise<Answer>}
   */
  const ask = (path, { form, encodings } = {}) =>
    new Promise((resolve, reject) => {
      const begun = performance.now();
      const body = form === undefined ? undefined : new URLSearchParams(form).toString();
      const headers = {
        accept: 'text/html',
        cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
        ...(encodings === undefined ? {} : { 'accept-encoding': encodings }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }),
      };
      const method = body === undefined ? 'GET' : 'POST';
      const request = http.request({ host: '127.0.0.1', port, path, method, agent, headers }, (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          for (const one of response.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
            cookies.set(name, value);
          }
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
            ms: performance.now() - begun,
          });
        });
      });
      request.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        // The server may close a connection that rested just as it is used again; browsers ask anew then, too.
        if (request.reusedSocket && error.code === 'ECONNRESET') ask(path, { form, encodings }).then(resolve, reject);
        else reject(error);
      });
      request.end(body);
    });

  return {
    ask,
    /**
     * The same for what has to succeed.
     * @param {string} path
     * @param {Ask} [o]
     */
    async must(path, o) {
      const answer = await ask(path, o);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      return answer;
    },
    /** The token of the sign-in page, so that only the signing in itself is left. */
    async signInToken() {
      const { body } = await ask('/accounts/login/');
      return /name="_token" value="([^"]+)"/.exec(body.toString('utf8'))?.[1] ?? '';
    },
    /**
     * @param {{ username: string, password: string }} of
     * @param {string} token
     */
    async signIn({ username, password }, token) {
      const answer = await ask('/accounts/login/', { form: { username, password, _token: token } });
      if (answer.status !== 303) throw new Error(`${username} could not sign in: ${answer.status}`);
      return answer;
    },
    close: () => agent.destroy(),
  };
}
