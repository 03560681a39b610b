import { createHash } from 'node:crypto';
import { type Data, invalid } from '@posthorn/sdk';
import type { Revision } from '../cluster/revision.js';
import { judgeLogo, LOGO_TYPES, type LogoExtension } from './logo-file.js';

/** `dark` is shown on dark pages in place of `light`. */
export type LogoVariant = 'light' | 'dark';
export const LOGO_VARIANTS = ['light', 'dark'] as const satisfies readonly LogoVariant[];

export interface Logo {
  /** `HASH.png`: of its content, so an address never changes its meaning. */
  readonly file: string;
  readonly type: string;
  readonly content: Buffer;
}

export type Logos = Readonly<Partial<Record<LogoVariant, Logo>>>;

type Row = { readonly variant: LogoVariant; readonly file: string; readonly content: string };

/** The installation's own logos. In the database, so that every process has them; read once and kept until `refresh`. */
export class LogoStore {
  #all: Promise<Logos> | undefined;

  constructor(
    private readonly data: Data,
    private readonly revision: Revision,
  ) {}

  /** The next read loads them anew. */
  refresh(): void {
    this.#all = undefined;
  }

  async read(): Promise<Logos> {
    this.#all ??= this.#load();
    const loading = this.#all;
    try {
      return await loading;
    } catch (error) {
      if (this.#all === loading) this.#all = undefined;
      throw error;
    }
  }

  /** By its file name. Another process may have stored one that this one has not read yet. */
  async find(file: string): Promise<Logo | undefined> {
    const known = ofFile(await this.read(), file);
    if (known !== undefined) return known;
    this.refresh();
    return ofFile(await this.read(), file);
  }

  /** Checks a picture and stores it. Throws an `invalid` problem of the field `path`. */
  async write(variant: LogoVariant, content: Buffer, path: string = variant): Promise<Logo> {
    const verdict = judgeLogo(content);
    if ('complaint' in verdict) throw invalid([{ path, message: verdict.complaint }]);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
    const file = `${hash}.${verdict.extension}`;
    await this.data.write(async () => {
      await this.data.execute('delete from core_logo where variant = ?', [variant]);
      await this.data.execute('insert into core_logo (variant, file, content) values (?, ?, ?)', [
        variant,
        file,
        content.toString('base64'),
      ]);
      await this.revision.raise();
    });
    this.refresh();
    return { file, type: LOGO_TYPES[verdict.extension], content };
  }

  /** Our own logo is shown again. */
  async remove(variants: readonly LogoVariant[] = LOGO_VARIANTS): Promise<void> {
    await this.data.write(async () => {
      for (const variant of variants) await this.data.execute('delete from core_logo where variant = ?', [variant]);
      await this.revision.raise();
    });
    this.refresh();
  }

  async #load(): Promise<Logos> {
    const rows = await this.data.execute<Row>('select variant, file, content from core_logo');
    return Object.fromEntries(
      rows.map(({ variant, file, content }) => {
        const type = LOGO_TYPES[file.slice(file.indexOf('.') + 1) as LogoExtension];
        return [variant, { file, type, content: Buffer.from(content, 'base64') }];
      }),
    );
  }
}

const ofFile = (logos: Logos, file: string): Logo | undefined =>
  LOGO_VARIANTS.map((variant) => logos[variant]).find((logo) => logo?.file === file);
