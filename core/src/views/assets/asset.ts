import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type AssetEncoding = 'br' | 'gzip';

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

/** Quality 9: the style sheet takes 40 ms once per process; 11 saves a seventh and takes 660 ms. */
const BROTLI_QUALITY = 9;

/** One file that pages refer to. Read and hashed when it is first asked for, compressed when it is first sent so. */
export class Asset {
  readonly #read: () => Buffer;
  readonly #encoded = new Map<AssetEncoding, Promise<Buffer>>();
  #content: Buffer | undefined;
  #hash: string | undefined;

  constructor(
    readonly type: string,
    read: () => Buffer,
  ) {
    this.#read = read;
  }

  get content(): Buffer {
    this.#content ??= this.#read();
    return this.#content;
  }

  /** Of the content; part of the address, so an address never changes its meaning. */
  get hash(): string {
    this.#hash ??= createHash('sha256').update(this.content).digest('hex').slice(0, 12);
    return this.#hash;
  }

  /** Fonts and pictures are compressed already. */
  get isCompressible(): boolean {
    return /^text\/|svg|json/.test(this.type);
  }

  encoded(encoding: AssetEncoding): Promise<Buffer> {
    let made = this.#encoded.get(encoding);
    if (made === undefined) {
      made =
        encoding === 'br'
          ? compressBrotli(this.content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } })
          : compressGzip(this.content, { level: 9 });
      this.#encoded.set(encoding, made);
    }
    return made;
  }

  /** What to send to a client with this `Accept-Encoding`. The answer must say `Vary: Accept-Encoding`. */
  async negotiated(accept: string | undefined): Promise<{ readonly encoding?: AssetEncoding; readonly body: Buffer }> {
    const encoding = this.isCompressible ? chosen(accept ?? '') : undefined;
    return encoding === undefined ? { body: this.content } : { encoding, body: await this.encoded(encoding) };
  }
}

/** The best encoding of an `Accept-Encoding` field; one with `q=0` is refused (RFC 9110, 12.5.3). */
function chosen(accept: string): AssetEncoding | undefined {
  const offered = new Set<string>();
  for (const part of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) offered.add(name);
  }
  return offered.has('br') ? 'br' : offered.has('gzip') ? 'gzip' : undefined;
}
