import { DatabaseSync } from 'node:sqlite';
import { domainWizard } from '@posthorn/admin/contract';
import { defineExtension, field, wizardStep } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, empty, populate } from '../admin/fixture.js';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { filled, formTo } from './html-forms.js';
import { type Answer, type Reader, type Site, startSite } from './site.js';

const servers = { postgresql: startPostgres, mariadb: startMariadb } as const;

/** What happens after the domain's own row was written, in the same transaction. */
let inTheMiddle: () => Promise<void> = async () => {};

const disturber = defineExtension({
  id: 'disturber',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Disturber',
  requires: { admin: '*' },
  contributes: [
    wizardStep(domainWizard, {
      id: 'disturb',
      title: 'Disturb',
      shape: { note: field.string({ label: 'Note' }).default('') },
      load: async () => ({}),
      save: async () => inTheMiddle(),
    }),
  ],
});

const NEW = '/admin/domains/new/';
const ALIAS = '/admin/domainaliases/new/';

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('a form on %s', (dialect) => {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))('whose database', () => {
    let server: DatabaseServer | undefined;
    let name = '';
    let b: Bench;
    let site: Site;
    let admin: Reader;

    beforeAll(async () => {
      server = dialect === 'sqlite' ? undefined : await servers[dialect]();
      const made = await server?.createDatabase();
      name = made?.name ?? '';
      b = await bench({ with: [disturber], ...(made === undefined ? {} : { database: made.url }) });
      site = await startSite(b.host);
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await b?.host[Symbol.asyncDispose]();
      await server?.stop();
    });
    beforeEach(async () => {
      inTheMiddle = async () => {};
      await empty(b);
      await populate(b);
      admin = await site.as('admin');
      // Parameters are read once and kept.
      await admin.get(NEW);
    });

    const names = async () => (await b.sql('select name from admin_domain order by name')).map((row) => row['name']);

    /** Ends every connection that the program has, from outside. */
    const cut = async (): Promise<void> => server?.disconnect(name);

    async function fill(): Promise<Record<string, string | readonly string[]>> {
      return filled(formTo((await admin.get(NEW)).text, NEW), {
        'general.name': 'typed.test',
        'general.quota': '77M',
      });
    }

    /** What can happen to a server cannot happen to a file, and the other way round: neither is a test left out. */
    const only = (isMeant: boolean) => (what: string, run: () => Promise<void>) => {
      if (isMeant) it(what, run);
    };
    const onServer = only(dialect !== 'sqlite');
    const onSqlite = only(dialect === 'sqlite');

    /** Nothing is half done, what was typed is there, and the same form goes through once the database is well. */
    async function comesBack(answer: Answer, sent: Record<string, string | readonly string[]>): Promise<void> {
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('value="typed.test"');
      expect(answer.text).toContain('value="77M"');
      expect(answer.text).toMatch(/The database (?:does not answer|is busy|cannot store)/);
      expect(await names()).toEqual(['test.com', 'test2.com']);
      inTheMiddle = async () => {};
      expect((await admin.post(NEW, sent)).status).toBe(303);
      expect(await names()).toEqual(['test.com', 'test2.com', 'typed.test']);
    }

    onServer('goes away before the commit saves nothing, and later all', async () => {
      const sent = await fill();
      inTheMiddle = cut;
      await comesBack(await admin.post(NEW, sent), sent);
    });

    onServer('goes away before the next statement saves nothing, and later all', async () => {
      const sent = await fill();
      inTheMiddle = async () => {
        await cut();
        await b.sql('update admin_domain set quota = 1');
      };
      await comesBack(await admin.post(NEW, sent), sent);
    });

    onSqlite('is held by another program saves nothing, and later all', async () => {
      const sent = await fill();
      const [row] = await b.sql<{ file: string }>('select file from pragma_database_list');
      using other = new DatabaseSync(String(row?.file));
      other.exec('begin immediate');
      try {
        const both = await Promise.all([
          admin.post(NEW, sent),
          admin.post(ALIAS, { name: 'kept.test', target: 'test.com', enabled: 'true' }),
        ]);
        expect(both[1].status).toBe(503);
        expect(both[1].text).toContain('value="kept.test"');
        other.exec('rollback');
        await comesBack(both[0], sent);
      } finally {
        if (other.isTransaction) other.exec('rollback');
      }
    });

    onSqlite('is full saves nothing, and later all', async () => {
      const sent = await fill();
      const [row] = await b.sql<{ page_count: number }>('pragma page_count');
      await b.sql(`pragma max_page_count = ${row?.page_count}`);
      // More than what is left in the pages that are there.
      inTheMiddle = async () => {
        await b.sql('update core_user set first_name = ?', ['x'.repeat(200_000)]);
      };
      const answer = await admin.post(NEW, sent);
      await b.sql('pragma max_page_count = 1073741823');
      await comesBack(answer, sent);
      expect(await b.sql("select id from core_user where first_name <> ''")).toEqual([]);
    });
  });
});
