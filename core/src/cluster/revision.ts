import type { Data } from '@posthorn/sdk';

export interface Revisions {
  /** Raised by any change of parameters or of the wanted set. */
  readonly revision: number;
  /** Raised only when workers must be replaced: the wanted set or a package's version changed. */
  readonly assembly: number;
}

/** The one row by which processes learn that something changed. */
export class Revision {
  #raised = 0;

  constructor(private readonly data: Data) {}

  /** How often this process has raised it, so that whoever it answers can be told to expect the change. */
  get raised(): number {
    return this.#raised;
  }

  /** Something else in this process has raised it. */
  noteRaised(): void {
    this.#raised += 1;
  }

  async read(): Promise<Revisions> {
    const [row] = await this.data.execute<{ revision: number; assembly: number }>(
      'select revision, assembly from core_revision where id = 1',
    );
    return { revision: Number(row?.revision ?? 0), assembly: Number(row?.assembly ?? 0) };
  }

  /** Keeps every other change of parameters and of the wanted set waiting until the transaction ends. */
  async lock(): Promise<void> {
    const forUpdate = this.data.dialect === 'sqlite' ? '' : ' for update';
    await this.data.execute(`select id from core_revision where id = 1${forUpdate}`);
  }

  /** Call inside the transaction that makes the change. */
  async raise(o: { readonly assembly?: boolean } = {}): Promise<void> {
    const set = o.assembly === true ? 'revision = revision + 1, assembly = assembly + 1' : 'revision = revision + 1';
    await this.data.execute(`update core_revision set ${set} where id = 1`);
    this.noteRaised();
  }
}
