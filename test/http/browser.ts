import { request as send } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>> | string;
  /** Sent as `multipart/form-data`; one with a `filename` is a file. */
  readonly parts?: readonly Part[];
  /** Send no cookies and keep none. */
  readonly isBare?: boolean;
}

export interface Part {
  readonly name: string;
  readonly content: string | Buffer;
  readonly filename?: string;
}

/** As much of a browser as the tests need: cookies, forms and their tokens. Follows nothing. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    readonly port: number,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  ask(path: string, o: Ask = {}): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const body = o.parts !== undefined ? joined(o.parts) : typeof o.form === 'object' ? encode(o.form) : o.form;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const request = send(
      {
        host: '127.0.0.1',
        port: this.port,
        path,
        method: o.method ?? (body === undefined ? 'GET' : 'POST'),
        agent: false,
        headers: {
          accept: 'text/html',
          ...this.headers,
          ...(cookie === '' || o.isBare === true ? {} : { cookie }),
          ...(body === undefined
            ? {}
            : {
                'content-type': o.parts === undefined ? 'application/x-www-form-urlencoded' : MULTIPART,
                'content-length': String(Buffer.byteLength(body)),
              }),
          ...o.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (o.isBare !== true) this.#keep(response.headers['set-cookie'] ?? []);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
    return promise;
  }

  /** The token of the first form on a page. */
  async token(path = '/accounts/login/'): Promise<string> {
    const { body } = await this.ask(path);
    return tokenIn(body);
  }

  async signIn(username: string, password: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('/accounts/login/', { form: { username, password, _token: await this.token(), ...more } });
  }

  #keep(headers: readonly string[]): void {
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split('; ');
      const at = pair.indexOf('=');
      const expires = attributes.find((a) => a.startsWith('Expires='))?.slice(8);
      if (expires !== undefined && new Date(expires).getTime() <= Date.now()) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

export const tokenIn = (html: string): string => /name="_token" value="([^"]+)"/.exec(html)?.[1] ?? '';

const encode = (form: Readonly<Record<string, string>>): string => new URLSearchParams(form).toString();

const BOUNDARY = '----posthorn-test-boundary';
const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

const joined = (parts: readonly Part[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap(({ name, content, filename }) => [
      Buffer.from(
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${
          filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`
        }\r\n\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
