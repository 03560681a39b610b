/** Changesets of SQLite's session extension: https://sqlite.org/session/sqlite3changegroup.html and its sqlite3session.c. */

const TABLE = 0x54;
const INSERT = 18;
const DELETE = 9;
const UPDATE = 23;

const UNDEFINED = 0;
const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;

/** The changeset that takes this one back: it deletes what was inserted, and the other way round. */
export function invertChangeset(bytes: Uint8Array): Uint8Array {
  const reader = new Reader(bytes);
  const pieces: Uint8Array[] = [];
  let keys: readonly boolean[] = [];
  while (!reader.isAtEnd) {
    const start = reader.at;
    const first = reader.byte();
    if (first === TABLE) {
      const count = reader.varint();
      keys = Array.from({ length: count }, () => reader.byte() !== 0);
      reader.pastNul();
      pieces.push(bytes.subarray(start, reader.at));
      continue;
    }
    const isIndirect = reader.byte();
    if (first === INSERT || first === DELETE) {
      const row = reader.row(keys.length);
      pieces.push(Uint8Array.of(first === INSERT ? DELETE : INSERT, isIndirect), ...row);
      continue;
    }
    if (first !== UPDATE) throw new Error(`a changeset has no operation ${first}`);
    const before = reader.row(keys.length);
    const after = reader.row(keys.length);
    const none = Uint8Array.of(UNDEFINED);
    pieces.push(Uint8Array.of(UPDATE, isIndirect));
    for (const [i, isKey] of keys.entries()) pieces.push((isKey ? before[i] : after[i]) ?? none);
    for (const [i, isKey] of keys.entries()) pieces.push(isKey ? none : (before[i] ?? none));
  }
  return Buffer.concat(pieces);
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new Error('a changeset ends too early');
    this.at += 1;
    return byte;
  }

  /** Seven bits to a byte, the most significant first; the ninth byte would have eight, for sizes beyond any cell. */
  varint(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }

  pastNul(): void {
    while (this.byte() !== 0);
  }

  /** The cells of a row, each with its type. */
  row(columns: number): readonly Uint8Array[] {
    return Array.from({ length: columns }, () => {
      const start = this.at;
      const type = this.byte();
      if (type === INTEGER || type === FLOAT) this.at += 8;
      else if (type === TEXT || type === BLOB) {
        const length = this.varint();
        this.at += length;
      }
      return this.#bytes.subarray(start, this.at);
    });
  }
}
