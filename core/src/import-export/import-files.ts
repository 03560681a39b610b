import { setImmediate } from 'node:timers/promises';
import { type ImportRequest, isProblem } from '@posthorn/sdk';
import { withHeld } from '../data/holding.js';
import type { Kernel } from '../kernel.js';
import { callInFrame, ExtensionError, frameOf } from '../watch/attribution.js';
import { type CsvRow, readCsv } from './csv-reader.js';
import { holdImports, ImportJournal } from './import-journal.js';
import type { ImportRows, ReadRow } from './import-rows.js';
import { VERDICTS_MAX, type Verdict, Verdicts } from './verdicts.js';

/** Milliseconds of one transaction on SQLite, after which others get their turn. */
const BATCH_MS = 120;
/** Rows after which a long transaction writes down what it has gathered in memory. */
const SETTLE_ROWS = 100;

export interface ImportOrder {
  /** Each with the name that complaints give it. */
  readonly files: readonly { readonly path: string; readonly name: string }[];
  readonly separator: string;
  readonly request: Omit<ImportRequest, 'context'>;
  /** What is there already is left as it is, instead of being a refusal. */
  readonly continueIfExists: boolean;
  /** Each row by itself; otherwise all of them or none. */
  readonly isPerRow: boolean;
  /** Everything is done and taken back. */
  readonly isDryRun: boolean;
  /** Milliseconds after which a dry run stops trying rows: until it ends, nobody else writes on SQLite. */
  readonly tryMs?: number;
  /** Called when all rows begin to be checked, and to be made; verdicts begin anew. */
  readonly onStage?: (stage: Stage) => void;
  /** Called after each row with how many were found good in this stage. */
  readonly onRow?: (stage: Stage, count: number) => void;
  /** Called for each row that is not imported, also beyond those that are kept. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** All rows are checked by themselves first, then they are made. */
export type Stage = 'check' | 'make';

export interface Imported {
  /** The first ones. */
  readonly verdicts: readonly Verdict[];
  readonly refused: number;
  readonly accepted: number;
  /** Rows that were imported; with refusals and without `isPerRow` they were taken back. */
  readonly count: number;
  /** A dry run that stopped at its limit: the rows after it were checked by themselves only. */
  readonly isCut: boolean;
}

const TAKEN_BACK = Symbol('taken back');

/** Imports files, read twice: first every row is checked by itself, then all are made in their order. */
export class ImportFiles {
  #verdicts = new Verdicts();
  #count = 0;
  #isCut = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly rows: ImportRows,
    private readonly order: ImportOrder,
  ) {}

  async run(): Promise<Imported> {
    const { isPerRow, isDryRun } = this.order;
    if (!isPerRow) {
      this.#begin('check');
      await this.#each((row) => this.#validate(row));
    }
    if (this.#verdicts.refused === 0) {
      if (isDryRun) await this.#try();
      else if (isPerRow) await this.#apart();
      else await holdImports(this.kernel, (lock) => this.#together(new ImportJournal(this.kernel, lock)));
    }
    const { kept, refused, accepted } = this.#verdicts;
    return { verdicts: kept, refused, accepted, count: this.#count, isCut: this.#isCut };
  }

  #begin(stage: Stage): void {
    this.order.onStage?.(stage);
    this.#verdicts = new Verdicts(this.order.onVerdict);
    this.#count = 0;
  }

  async #apart(): Promise<void> {
    this.#begin('make');
    await this.#each((row) => this.kernel.database.write(() => this.#make(row)));
  }

  /** One transaction for all rows, in which each can be taken back alone, so that every row gets its verdict. */
  async #try(): Promise<void> {
    try {
      await withHeld('dry run', () =>
        this.kernel.database.write(async () => {
          this.#begin('make');
          const until = performance.now() + (this.order.tryMs ?? Number.POSITIVE_INFINITY);
          await this.#each(async (row) => {
            this.#isCut ||= performance.now() > until;
            if (!this.#isCut) await this.#attempt(row);
          });
          throw TAKEN_BACK;
        }),
      );
    } catch (error) {
      if (error !== TAKEN_BACK) throw error;
    }
  }

  async #together(journal: ImportJournal): Promise<void> {
    if (this.kernel.database.dialect === 'sqlite') return this.#inBatches(journal);
    try {
      await journal.whole(async () => {
        this.#begin('make');
        await this.#each((row) => this.#attempt(row));
        if (this.#verdicts.refused > 0) throw TAKEN_BACK;
      });
    } catch (error) {
      if (error !== TAKEN_BACK) throw error;
    }
  }

  async #inBatches(journal: ImportJournal): Promise<void> {
    this.#begin('make');
    await journal.begin();
    try {
      const rows = this.#read();
      for (let next = await rows.next(); next.done !== true; ) {
        await journal.batch(async () => {
          for (const until = performance.now() + BATCH_MS; next.done !== true && performance.now() < until; ) {
            await this.#judge(next.value, (row) => this.#attempt(row));
            next = this.#isHopeless ? await rows.return() : await rows.next();
          }
        });
        await setImmediate();
      }
    } catch (error) {
      await journal.takeBack();
      throw error;
    }
    if (this.#verdicts.refused > 0) await journal.takeBack();
    else await journal.finish();
  }

  async *#read(): AsyncGenerator<CsvRow, void, undefined> {
    const { files, separator, request } = this.order;
    for (const { path, name } of files) {
      let isFirst = true;
      for await (const row of readCsv(path, name, separator)) {
        request.signal.throwIfAborted();
        if (isFirst) this.rows.check(row, separator);
        isFirst = false;
        yield row;
      }
    }
  }

  /** Nothing will be imported, and enough is said about why. */
  get #isHopeless(): boolean {
    return !this.order.isPerRow && this.#verdicts.refused >= VERDICTS_MAX;
  }

  async #each(work: (row: CsvRow) => Promise<void>): Promise<void> {
    for await (const row of this.#read()) {
      await this.#judge(row, work);
      if (this.#isHopeless || this.#isCut) return;
    }
  }

  async #judge(row: CsvRow, work: (row: CsvRow) => Promise<void>): Promise<void> {
    try {
      await work(row);
    } catch (error) {
      if (!isProblem(error) || error.kind === 'temporary') throw error;
      const isAccepted = error.kind === 'conflict' && this.order.continueIfExists;
      this.#verdicts.add({ file: row.file, line: row.line, kind: row.cells[0] ?? '', problem: error, isAccepted });
    }
  }

  async #validate(row: CsvRow): Promise<void> {
    const read = this.rows.read(row, this.order.request.actor);
    await this.#as(read, (request) => read.importer.validate?.(read.values, request));
    this.#count += 1;
    this.order.onRow?.('check', this.#count);
  }

  async #attempt(row: CsvRow): Promise<void> {
    const { database } = this.kernel;
    await database.attempt(() => this.#make(row));
    if (this.#count % SETTLE_ROWS === 0) await database.settle();
  }

  async #make(row: CsvRow): Promise<void> {
    const read = this.rows.read(row, this.order.request.actor);
    await this.#as(read, async (request) => {
      if (this.order.isPerRow) await read.importer.validate?.(read.values, request);
      await read.importer.run(read.values, request);
    });
    this.#count += 1;
    this.order.onRow?.('make', this.#count);
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
