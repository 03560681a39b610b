import type { Data, Row } from '@posthorn/sdk';
import { marks } from '../jobs/sql-expressions.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { type OpenedRow, openRow, type Place, resealRow, type Stored } from './sealed-values.js';

/** One stored form. */
export interface ParameterRow extends OpenedRow {
  readonly version: number;
}

interface DatabaseRow extends Row {
  readonly extension: string;
  readonly level: string;
  readonly subject: number;
  readonly version: number;
  readonly value: string;
}

const AT = 'where extension = ? and level = ? and subject = ?';
const keyOf = ({ extension, level, subject }: Place) => [extension, level, subject];

/** The table `core_parameter`: one JSON row per extension, level and subject, secrets sealed. */
export class ParameterTable {
  constructor(
    private readonly data: Data,
    private readonly secrets: SecretBox,
  ) {}

  /** Every global row, by extension. */
  async global(): Promise<ReadonlyMap<string, ParameterRow>> {
    const rows = await this.data.execute<DatabaseRow>(
      "select extension, level, subject, version, value from core_parameter where level = 'global' and subject = 0",
    );
    return new Map(rows.map((row) => [row.extension, this.#open(row)]));
  }

  async find(place: Place): Promise<ParameterRow | undefined> {
    const [row] = await this.data.execute<DatabaseRow>(
      `select extension, level, subject, version, value from core_parameter ${AT}`,
      keyOf(place),
    );
    return row === undefined ? undefined : this.#open(row);
  }

  insert(place: Place, version: number, stored: Stored): Promise<unknown> {
    return this.data.execute(
      'insert into core_parameter (extension, level, subject, version, value) values (?, ?, ?, ?, ?)',
      [...keyOf(place), version, JSON.stringify(stored)],
    );
  }

  update(place: Place, version: number, stored: Stored): Promise<unknown> {
    return this.data.execute(`update core_parameter set value = ?, version = ? ${AT}`, [
      JSON.stringify(stored),
      version,
      ...keyOf(place),
    ]);
  }

  /** Only where the row is still of this version: somebody else may have brought it up to date. */
  async replace(place: Place, from: number, version: number, stored: Stored): Promise<void> {
    await this.data.execute(`update core_parameter set value = ?, version = ? ${AT} and version = ?`, [
      JSON.stringify(stored),
      version,
      ...keyOf(place),
      from,
    ]);
  }

  async forgetUsers(accounts: readonly number[]): Promise<void> {
    await this.data.execute(
      `delete from core_parameter where level = 'user' and subject in (${marks(accounts)})`,
      accounts,
    );
  }

  /** Seals every secret by the current key, also those of extensions that are not enabled. Says in how many rows. */
  async reseal(): Promise<number> {
    return this.data.write(async () => {
      const rows = await this.data.execute<DatabaseRow>(
        'select extension, level, subject, version, value from core_parameter order by id',
      );
      let count = 0;
      for (const row of rows) {
        const place = placeOf(row);
        const stored = resealRow(this.secrets, place, row.value);
        if (stored === undefined) continue;
        await this.update(place, Number(row.version), stored);
        count += 1;
      }
      return count;
    });
  }

  #open(row: DatabaseRow): ParameterRow {
    return { version: Number(row.version), ...openRow(this.secrets, placeOf(row), row.value) };
  }
}

const placeOf = ({ extension, level, subject }: DatabaseRow): Place => ({
  extension,
  level,
  subject: Number(subject),
});
