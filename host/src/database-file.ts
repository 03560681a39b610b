import { type Stats, statSync } from 'node:fs';
import { parseDatabaseUrl } from '@posthorn/core';

/**
 * Watches over a SQLite file's name. An open file stays readable after it was moved away, and a missing one would be
 * made anew and empty: neither is what the operator means, so the name is checked, not the handle.
 */
export class DatabaseFile {
  readonly #path: string;
  #opened: Stats | undefined;

  constructor(databaseUrl: string, directory: string) {
    const target = parseDatabaseUrl(databaseUrl, directory);
    this.#path = target.dialect === 'sqlite' ? target.path : '';
  }

  #stat(): Stats | undefined {
    return statSync(this.#path, { throwIfNoEntry: false });
  }

  /** Remembers which file was opened. Call once the database answers. */
  remember(): void {
    if (this.#path !== '') this.#opened = this.#stat();
  }

  /** `gone`: nothing has this name; `other`: another file has it than the one we opened. */
  get state(): 'there' | 'gone' | 'other' {
    if (this.#path === '') return 'there';
    const now = this.#stat();
    if (now === undefined) return 'gone';
    const isSame = this.#opened === undefined || (now.ino === this.#opened.ino && now.dev === this.#opened.dev);
    return isSame ? 'there' : 'other';
  }

  get path(): string {
    return this.#path;
  }
}
