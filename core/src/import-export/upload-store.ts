import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportWish, Text } from '@posthorn/sdk';
import { problem } from '../errors.js';

/** What came of trying or importing a file. */
export interface UploadResult {
  readonly count: number;
  readonly refused: number;
  readonly accepted: number;
  /** Rows after some were checked by themselves only. */
  readonly isCut: boolean;
  /** Why the file cannot be read at all. */
  readonly complaint?: { readonly text: Text; readonly hint?: Text | undefined };
}

/** A file that was sent to be imported, and how far that is. */
export interface Upload {
  readonly accountId: number;
  /** What its sender calls it. */
  readonly name: string;
  /** The title of the form, and the list behind it. */
  readonly title: Text;
  readonly back: string;
  readonly wish: ImportWish;
  /** The job that tries it, and the one that imports it. */
  readonly checkJob: number;
  readonly importJob?: number;
  /** When the present stage of a job began, by the clock of its process, and how many rows it has. */
  readonly since?: number;
  readonly total?: number;
  readonly tried?: UploadResult;
  readonly imported?: UploadResult;
}

/** A row that is not imported, as it is kept until it is shown in somebody's language. */
export interface StoredVerdict {
  readonly line: number;
  readonly kind: string;
  readonly field: string;
  readonly verdict: 'exists' | 'refused';
  readonly code: string;
  readonly texts: readonly { readonly path: string; readonly text: Text }[];
  /** A path that tells more. */
  readonly why?: string | undefined;
}

/** Below it, a page for each file. */
export const IMPORTS_PATH = '/core/imports/';
export const importPath = (token: string): string => `${IMPORTS_PATH}${token}/`;

const TOKEN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FACTS = 'upload.json';
const ROWS = 'rows.csv';
const VERDICTS = 'verdicts.ndjson';
const SECRET = { mode: 0o600 };

/** Files that were sent to be imported: a folder of the instance for each, which nobody else may read. */
export class UploadStore {
  readonly #folder: string;

  constructor(directory: string) {
    this.#folder = join(directory, 'data', 'imports');
  }

  /** Returns a name that cannot be guessed. */
  async keep(content: Uint8Array): Promise<string> {
    const token = randomUUID();
    await mkdir(join(this.#folder, token), { recursive: true, mode: 0o700 });
    await writeFile(this.rows(token), content, { ...SECRET, flag: 'wx' });
    return token;
  }

  /** The file itself. */
  rows = (token: string): string => join(this.#of(token), ROWS);

  /** Throws E_IMPORT_GONE where there is none, on this machine. */
  async read(token: string): Promise<Upload> {
    try {
      return JSON.parse(await readFile(join(this.#of(token), FACTS), 'utf8')) as Upload;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw problem('E_IMPORT_GONE');
      throw error;
    }
  }

  async write(token: string, upload: Upload): Promise<void> {
    const path = join(this.#of(token), FACTS);
    // Whoever reads meanwhile finds the one or the other.
    await writeFile(`${path}.new`, JSON.stringify(upload), SECRET);
    await rename(`${path}.new`, path);
  }

  async change(token: string, part: Partial<Upload>): Promise<void> {
    await this.write(token, { ...(await this.read(token)), ...part });
  }

  /** Begins the list of verdicts anew. */
  clearVerdicts(token: string): void {
    writeFileSync(join(this.#of(token), VERDICTS), '', SECRET);
  }

  addVerdicts(token: string, verdicts: readonly StoredVerdict[]): void {
    if (verdicts.length === 0) return;
    appendFileSync(join(this.#of(token), VERDICTS), verdicts.map((one) => `${JSON.stringify(one)}\n`).join(''), SECRET);
  }

  /** In the order of rows. */
  async *verdicts(token: string): AsyncGenerator<StoredVerdict> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(join(this.#of(token), VERDICTS));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    try {
      for await (const line of file.readLines()) yield JSON.parse(line) as StoredVerdict;
    } finally {
      await file.close();
    }
  }

  /** Takes the file away; what is known of it stays. */
  async forgetRows(token: string): Promise<void> {
    await rm(this.rows(token), { force: true });
  }

  async remove(token: string): Promise<void> {
    await rm(this.#of(token), { recursive: true, force: true });
  }

  /** Removes what has not been touched for so long; says how many. */
  async purge(olderMs: number): Promise<number> {
    const tokens = await readdir(this.#folder).catch(() => []);
    let count = 0;
    for (const token of tokens.filter((name) => TOKEN.test(name))) {
      const { mtimeMs } = await stat(this.#of(token));
      if (Date.now() - mtimeMs < olderMs) continue;
      await this.remove(token);
      count += 1;
    }
    return count;
  }

  #of(token: string): string {
    if (!TOKEN.test(token)) throw problem('E_IMPORT_GONE');
    return join(this.#folder, token);
  }
}
