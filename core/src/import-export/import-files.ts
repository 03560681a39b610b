import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { type ImportRequest, type ImportRow, isProblem, orProblem, type Problem } from '@posthorn/sdk';
import { withHeld } from '../data/holding.js';
import type { Kernel } from '../kernel.js';
import { withLeanHeap } from '../lean-heap.js';
import { callInFrame, ExtensionError, frameOf } from '../watch/attribution.js';
import { type CsvRow, readCsv } from './csv-reader.js';
import { holdImports, ImportJournal } from './import-journal.js';
import type { ImportRows, ReadRow } from './import-rows.js';
import { VERDICTS_MAX, type Verdict, Verdicts } from './verdicts.js';

/** Rows that are made together. */
const CHUNK = 100;
/** Milliseconds of one transaction on SQLite, after which others get their turn. */
const BATCH_MS = 120;
/** Rows that are prepared at once: one core stays free for whoever is served meanwhile. */
const PREPARED_AT_ONCE = Math.max(1, availableParallelism() - 1);

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

/** A row that can be made, or why it cannot. */
interface Ready {
  readonly row: CsvRow;
  readonly read: ReadRow | Problem;
}

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

  run(): Promise<Imported> {
    return withLeanHeap(() => this.#run());
  }

  async #run(): Promise<Imported> {
    const { isPerRow, isDryRun } = this.order;
    if (!isPerRow) await this.#check();
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

  async #check(): Promise<void> {
    this.#begin('check');
    for await (const row of this.#read()) {
      const read = await orProblem(async () => {
        const found = this.#readRow(row);
        await this.#validate(found);
        return found;
      });
      this.#judge('check', row, isProblem(read) ? read : undefined);
      if (this.#isHopeless) return;
    }
  }

  /** Each row is its own transaction, or with others one of which none is refused. */
  async #apart(): Promise<void> {
    this.#begin('make');
    for await (const chunk of this.#chunks()) await this.#make(await this.#prepare(chunk));
  }

  /** One transaction for all rows, in which each can be taken back alone, so that every row gets its verdict. */
  async #try(): Promise<void> {
    const until = performance.now() + (this.order.tryMs ?? Number.POSITIVE_INFINITY);
    await this.#taken(() =>
      withHeld('dry run', () =>
        this.kernel.database.write(async () => {
          await this.#all(until);
          throw TAKEN_BACK;
        }),
      ),
    );
  }

  async #together(journal: ImportJournal): Promise<void> {
    if (this.kernel.database.dialect === 'sqlite') return this.#inBatches(journal);
    await this.#taken(() =>
      journal.whole(async () => {
        await this.#all();
        if (this.#verdicts.refused > 0) throw TAKEN_BACK;
      }),
    );
  }

  async #taken(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error !== TAKEN_BACK) throw error;
    }
  }

  /** In one transaction, as far as the time goes. */
  async #all(until = Number.POSITIVE_INFINITY): Promise<void> {
    this.#begin('make');
    for await (const chunk of this.#chunks()) {
      const ready = await this.#prepare(chunk, until);
      const left = await this.#make(ready, until);
      if (this.#isHopeless) return;
      this.#isCut = left.length > 0 || ready.length < chunk.length;
      if (this.#isCut) return;
      await this.kernel.database.settle();
    }
  }

  async #inBatches(journal: ImportJournal): Promise<void> {
    this.#begin('make');
    await journal.begin();
    try {
      for await (const chunk of this.#chunks()) {
        for (let left = await this.#prepare(chunk); left.length > 0 && !this.#isHopeless; ) {
          await journal.batch(async () => {
            left = await this.#make(left, performance.now() + BATCH_MS);
          });
          await setImmediate();
        }
        if (this.#isHopeless) break;
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

  /** Rows of one kind that follow each other. */
  async *#chunks(): AsyncGenerator<readonly CsvRow[], void, undefined> {
    let chunk: CsvRow[] = [];
    for await (const row of this.#read()) {
      if (chunk.length === CHUNK || (chunk[0] !== undefined && kindOf(chunk[0]) !== kindOf(row))) {
        yield chunk;
        chunk = [];
      }
      chunk.push(row);
    }
    if (chunk.length > 0) yield chunk;
  }

  /** Nothing will be imported, and enough is said about why. */
  get #isHopeless(): boolean {
    return !this.order.isPerRow && this.#verdicts.refused >= VERDICTS_MAX;
  }

  /** Counts a row, or says why it is not imported. */
  #judge(stage: Stage, row: CsvRow, problem: Problem | undefined): void {
    if (problem === undefined) {
      this.#count += 1;
      this.order.onRow?.(stage, this.#count);
      return;
    }
    if (problem.kind === 'temporary') throw problem;
    const isAccepted = problem.kind === 'conflict' && this.order.continueIfExists;
    const why = isAccepted ? undefined : this.rows.why(row, this.order.request.actor, problem);
    this.#verdicts.add({ file: row.file, line: row.line, kind: row.cells[0] ?? '', problem, isAccepted, why });
  }

  #readRow(row: CsvRow): ReadRow {
    return this.rows.read(row, this.order.request.actor);
  }

  async #validate(read: ReadRow): Promise<void> {
    const { importer, values } = read;
    if (importer.validate !== undefined) await this.#as(read, async (request) => importer.validate?.(values, request));
  }

  /** Of these rows those that were ready in time. */
  async #prepare(rows: readonly CsvRow[], until = Number.POSITIVE_INFINITY): Promise<readonly Ready[]> {
    const ready: Ready[] = [];
    let next = 0;
    const work = async () => {
      for (let row = rows[next]; row !== undefined && performance.now() < until; row = rows[next]) {
        const at = next++;
        this.order.request.signal.throwIfAborted();
        ready[at] = { row, read: await this.#prepared(row) };
      }
    };
    await Promise.all(Array.from({ length: PREPARED_AT_ONCE }, work));
    return ready;
  }

  #prepared(row: CsvRow): Promise<ReadRow | Problem> {
    return orProblem(async () => {
      const read = this.#readRow(row);
      if (this.order.isPerRow) await this.#validate(read);
      const { importer, values } = read;
      if (importer.prepare === undefined) return read;
      const prepared = await this.#as(read, async (request) => importer.prepare?.(values, request));
      return { ...read, values: prepared ?? values };
    });
  }

  /** Makes rows, together if that goes and otherwise each by itself; returns those for which there was no time. */
  async #make(rows: readonly Ready[], until = Number.POSITIVE_INFINITY): Promise<readonly Ready[]> {
    if (await this.#makeMany(rows)) return [];
    for (const [i, { row, read }] of rows.entries()) {
      if (i > 0 && (this.#isHopeless || performance.now() > until)) return rows.slice(i);
      const made = isProblem(read) ? read : await orProblem(() => this.#makeOne(read));
      this.#judge('make', row, isProblem(made) ? made : undefined);
    }
    return [];
  }

  async #makeOne(read: ReadRow): Promise<void> {
    await this.kernel.database.attempt(() => this.#as(read, (request) => read.importer.run(read.values, request)));
  }

  /** Says whether the rows were made: all of them, except those that got a problem as their answer. */
  async #makeMany(rows: readonly Ready[]): Promise<boolean> {
    const good = rows.flatMap(({ read }) => (isProblem(read) ? [] : [read]));
    const [first] = good;
    if (first?.importer.runMany === undefined || good.length < 2) return false;
    const values: readonly ImportRow[] = good.map((read) => read.values);
    let answers: readonly unknown[];
    try {
      answers = await this.kernel.database.attempt(() =>
        this.#as(first, async (request) => (await first.importer.runMany?.(values, request)) ?? []),
      );
    } catch (error) {
      if (isProblem(error) && error.kind === 'temporary') throw error;
      return false;
    }
    let next = 0;
    for (const { row, read } of rows) {
      const answer = isProblem(read) ? read : answers[next++];
      this.#judge('make', row, isProblem(answer) ? answer : undefined);
    }
    return true;
  }

  async #as<T>({ from, importer }: ReadRow, work: (request: ImportRequest) => Promise<T>): Promise<T> {
    const at = `import:${importer.kind}`;
    const request = { ...this.order.request, context: this.kernel.generation.context(from) };
    try {
      return await callInFrame(
        frameOf(from, at),
        () => work(request),
        (error) => !isProblem(error),
      );
    } catch (error) {
      throw isProblem(error) ? error : new ExtensionError(from, at, error);
    }
  }
}

const kindOf = ({ cells }: CsvRow): string => (cells[0] ?? '').toLowerCase();
