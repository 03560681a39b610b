import { it } from 'vitest';
import { requireSuite } from '../kit/src/servers/index.js';
import { limitBench, startReseller } from './fixture.js';
import { expectLateRow } from './late-row.js';

const LONG = 600_000;

for (const database of ['sqlite', 'postgresql', 'mariadb'] as const) {
  it.skipIf(database !== 'sqlite' && !requireSuite(database))(
    `of a thousand rows, row 900 is too much: ${database}`,
    async () => {
      const b = await limitBench({ database });
      await using _host = b.host;
      await b.sql("insert into core_grant (role, permission, extension) values ('Resellers', 'core.import', 'core')");
      await b.domains.create(await startReseller(b), { name: 'd.tld', quota: 100, default_mailbox_quota: 10 });
      await expectLateRow(b, { rows: 1000, late: 900 });
    },
    LONG,
  );
}
