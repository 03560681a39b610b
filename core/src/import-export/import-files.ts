import { basename } from 'node:path';
import { type ImportRequest, isProblem, type Problem } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { callInFrame, ExtensionError, frameOf } from '../watch/attribution.js';
import { type CsvRow, readCsv } from './csv-reader.js';
import type { ImportRows, ReadRow } from './import-rows.js';

/** Rows that are told before the rest is left. */
const REFUSALS_MAX = 1_000;

export interface ImportOrder {
  readonly files: readonly string[];
  readonly separator: string;
  readonly request: Omit<ImportRequest, 'context'>;
  /** What is there already is left as it is, instead of being a refusal. */
  readonly continueIfExists: boolean;
  /** Each row by itself; otherwise all of them or none. */
  readonly isPerRow: boolean;
  /** Everything is done and taken back. */
  readonly isDryRun: boolean;
}

/** What became of a row that was not imported. */
export interface Verdict {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly problem: Problem;
  /** It was there already, and that was to be accepted. */
  readonly isAccepted: boolean;
}

export interface Imported {
  readonly verdicts: readonly Verdict[];
  /** Rows that were imported; with refusals and without `isPerRow` they were taken back. */
  readonly count: number;
}

const TAKEN_BACK = Symbol('taken back');

/** Imports files, read twice: first every row is checked by itself, then all are made in their order. */
export class ImportFiles {
  #verdicts: Verdict[] = [];
  #count = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly rows: ImportRows,
    private readonly order: ImportOrder,
  ) {}

  async run(): Promise<Imported> {
    if (!this.order.isPerRow) {
      await this.#each(async (row) => this.#validate(row));
      if (this.#refusals === 0) await this.#together();
      return { verdicts: this.#verdicts, count: this.#count };
    }
    if (this.order.isDryRun) await this.#together();
    else await this.#each((row) => this.kernel.database.write(() => this.#make(row)));
    return { verdicts: this.#verdicts, count: this.#count };
  }

  get #refusals(): number {
    return this.#verdicts.filter(({ isAccepted }) => !isAccepted).length;
  }

  /** One transaction for all rows, in which each can be taken back alone, so that every row gets its verdict. */
  async #together(): Promise<void> {
    const { database } = this.kernel;
    try {
      await database.write(async () => {
        this.#verdicts = [];
        this.#count = 0;
        await this.#each((row) => database.attempt(() => this.#make(row)));
        if (this.order.isDryRun || this.#refusals > 0) throw TAKEN_BACK;
      });
    } catch (error) {
      if (error !== TAKEN_BACK) throw error;
    }
  }

  async #each(work: (row: CsvRow) => Promise<void>): Promise<void> {
    for (const path of this.order.files) {
      for await (const row of readCsv(path, this.order.separator)) {
        this.order.request.signal.throwIfAborted();
        try {
          await work(row);
        } catch (error) {
          const isAccepted = isProblem(error) && error.kind === 'conflict' && this.order.continueIfExists;
          if (!isProblem(error) || error.kind === 'temporary') throw error;
          const kind = row.cells[0] ?? '';
          this.#verdicts.push({ file: basename(path), line: row.line, kind, problem: error, isAccepted });
          if (!isAccepted && this.#refusals >= REFUSALS_MAX) return;
        }
      }
    }
  }

  async #validate(row: CsvRow): Promise<void> {
    const read = this.rows.read(row, this.order.request.actor);
    await this.#as(read, (request) => read.importer.validate?.(read.values, request));
  }

  async #make(row: CsvRow): Promise<void> {
    const read = this.rows.read(row, this.order.request.actor);
    await this.#as(read, async (request) => {
      if (this.order.isPerRow) await read.importer.validate?.(read.values, request);
      await read.importer.run(read.values, request);
    });
    this.#count += 1;
  }

  async #as({ from, importer }: ReadRow, work: (request: ImportRequest) => Promise<void> | undefined): Promise<void> {
    const at = `import:${importer.kind}`;
    const request = { ...this.order.request, context: this.kernel.generation.context(from) };
    try {
      await callInFrame(
        frameOf(from, at),
        () => work(request),
        (error) => !isProblem(error),
      );
    } catch (error) {
      throw isProblem(error) ? error : new ExtensionError(from, at, error);
    }
  }
}
