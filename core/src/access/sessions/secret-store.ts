import type { Data } from '@posthorn/sdk';
import { isUniqueViolation } from '../../data/errors.js';
import { newToken } from './tokens.js';

/** Keys of the installation, made when they are first needed and the same for every worker. */
export class SecretStore {
  readonly #known = new Map<string, string>();

  constructor(private readonly data: Data) {}

  async get(id: string): Promise<string> {
    const known = this.#known.get(id) ?? (await this.#read(id)) ?? (await this.#make(id));
    this.#known.set(id, known);
    return known;
  }

  async #read(id: string): Promise<string | undefined> {
    const [row] = await this.data.execute<{ value: string }>('select value from core_secret where id = ?', [id]);
    return row?.value;
  }

  async #make(id: string): Promise<string> {
    const value = newToken();
    try {
      await this.data.execute('insert into core_secret (id, value) values (?, ?)', [id, value]);
      return value;
    } catch (error) {
      // Another worker was faster: its key counts.
      const other = isUniqueViolation(error) ? await this.#read(id) : undefined;
      if (other === undefined) throw error;
      return other;
    }
  }
}
