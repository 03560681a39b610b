import type { AuditRecord } from '@posthorn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditScope } from '../../core/dist/audit/reach.js';
import { type Bench, empty, HASH, populate, refusal } from '../admin/fixture.js';
import { Note } from './notes.js';

/** What has to hold on every database. */
export function auditScenarios(bench: () => Bench): void {
  let b: Bench;
  let from: number;
  const records = async (): Promise<readonly AuditRecord[]> => {
    const all = await b.host.kernel.audit.table.list({}, { after: from, size: 1_000 });
    return all.toReversed();
  };
  /** `action kind label`, in their order. */
  const told = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const [last] = await b.host.kernel.audit.table.list({}, { size: 1 });
    from = last?.id ?? 0;
    await work();
    return (await records()).map((r) => `${r.action} ${r.kind} ${r.label}`);
  };
  let audit: Bench['host']['kernel']['audit'];

  beforeEach(async () => {
    b = bench();
    await empty(b);
    await populate(b);
    audit = b.host.kernel.audit;
    const [last] = await b.host.kernel.audit.table.list({}, { size: 1 });
    from = last?.id ?? 0;
  });

  describe('every write of the services', () => {
    it('leaves records with what changed, before and after', async () => {
      await b.domains.update(b.system, 'test.com', { quota: 60, enabled: false });
      const [record, ...more] = await records();
      expect(more).toEqual([]);
      expect(record).toMatchObject({
        action: 'updated',
        kind: 'domain',
        label: 'test.com',
        extension: 'admin',
        changes: { quota: { before: 50, after: 60 }, enabled: { before: true, after: false } },
      });
      expect(Math.abs(Date.now() - (record?.at ?? 0))).toBeLessThan(60_000);
    });

    it('is told once for each thing, whoever writes how', async () => {
      const made = await told(() => b.domains.create(b.system, { name: 'new.org', aliases: ['other.org'] }));
      expect(made.toSorted()).toEqual([
        'created alias @other.org',
        'created domain new.org',
        'created domain-alias other.org',
        'created recipient @new.org',
      ]);
      expect(await told(() => b.mailboxes.create(b.system, { username: 'ann@new.org', passwordHash: HASH }))).toEqual([
        'created account ann@new.org',
        'created mailbox ann',
      ]);
      expect(
        await told(() =>
          b.mailboxes.update(b.system, 'ann@new.org', {
            first_name: 'Ann',
            role: 'DomainAdmins',
            domains: ['new.org'],
          }),
        ),
      ).toEqual(['updated account ann@new.org', expect.stringMatching(/^created access admin\.domain \d+$/)]);
      expect(await told(() => b.mailboxes.update(b.system, 'ann@new.org', { domains: [] }))).toEqual([
        expect.stringMatching(/^deleted access admin\.domain \d+$/),
      ]);
      const alias = { address: 'all@new.org', recipients: ['ann@new.org', 'x@far.test'] };
      expect(await told(() => b.aliases.create(b.system, alias))).toEqual([
        'created alias all@new.org',
        'created recipient ann@new.org',
        'created recipient x@far.test',
      ]);
      expect(await told(() => b.aliases.update(b.system, 'all@new.org', { recipients: ['y@far.test'] }))).toEqual(
        expect.arrayContaining(['created recipient y@far.test', 'deleted recipient x@far.test']),
      );
      const sender = await b.senders.create(b.system, { address: 'me@far.test', mailbox: 'ann@new.org' });
      expect(await told(() => b.senders.update(b.system, sender.pk, { address: 'us@far.test' }))).toEqual([
        'updated sender-address us@far.test',
      ]);
      expect(await told(() => b.senders.remove(b.system, sender.pk))).toEqual(['deleted sender-address us@far.test']);
      expect(await told(() => b.domainAliases.update(b.system, 'other.org', { enabled: false }))).toContain(
        'updated domain-alias other.org',
      );
      expect(await told(() => b.domainAliases.remove(b.system, 'other.org'))).toContain(
        'deleted domain-alias other.org',
      );
      expect(await told(() => b.aliases.remove(b.system, 'all@new.org'))).toContain('deleted alias all@new.org');
      expect(await told(() => b.set({ default_domain_quota: 7 }))).toEqual(['created parameters admin']);
    });

    it('names what goes along with a thing that is deleted', async () => {
      const gone = await told(() => b.domains.remove(b.system, 'test.com'));
      expect(gone).toEqual(
        expect.arrayContaining([
          'deleted domain test.com',
          'deleted mailbox user',
          'deleted alias forward@test.com',
          'deleted recipient user@external.com',
        ]),
      );
      const rows = (await records()).map(({ kind, objectId }) => `${kind} ${objectId}`);
      expect(new Set(rows).size).toBe(rows.length);
    });

    it('renames by one record for each thing that has another name then', async () => {
      expect(await told(() => b.domains.update(b.system, 'test.com', { name: 'neu.com' }))).toEqual(
        expect.arrayContaining([
          'updated domain neu.com',
          'updated account user@neu.com',
          'updated alias forward@neu.com',
        ]),
      );
    });

    it('costs one statement more where something is created', async () => {
      const create = (name: string) => () => b.mailboxes.create(b.system, { username: name, passwordHash: HASH });
      const seen = await b.count(create('one@test.com'));
      expect(seen.filter((sql) => sql.includes('core_audit'))).toHaveLength(1);
      const before = seen.length;
      expect(await b.count(create('two@test.com'))).toHaveLength(before);
    });

    it('leaves nothing where it is rolled back or changes nothing', async () => {
      expect(
        await told(() =>
          b.context.data
            .write(async () => {
              await b.domains.create(b.system, { name: 'never.org' });
              throw new Error('no');
            })
            .catch(() => undefined),
        ),
      ).toEqual([]);
      expect(await told(() => refusal(b.domains.create(b.system, { name: 'test.com' })))).toEqual([]);
      expect(await told(() => b.domains.update(b.system, 'test.com', { quota: 50 }))).toEqual([]);
    });

    it('keeps of an import that is taken back in part what stays', async () => {
      const { database } = b.host.kernel;
      expect(
        await told(() =>
          database.write(async () => {
            await database.attempt(() => b.domains.create(b.system, { name: 'stays.org' }));
            await refusal(
              database.attempt(async () => {
                await b.domains.create(b.system, { name: 'goes.org' });
                await b.domains.create(b.system, { name: 'test.com' });
              }),
            );
          }),
        ),
      ).toEqual(['created domain stays.org']);
    });
  });

  describe('statements of any kind', () => {
    it('by entities, by raw SQL and by the ORM without entities are recorded alike', async () => {
      const { data } = b.context;
      const write = (work: Parameters<typeof data.write>[0]) => told(() => data.write(work));
      let note: Note | undefined;
      expect(
        await write(async (em) => {
          note = em.create(Note, { title: 'a', isOpen: true, apiToken: 'canary-note' });
          em.persist(note);
        }),
      ).toEqual(['created note a']);
      const id = (note as Note | undefined)?.id ?? 0;
      expect((await records())[0]).toMatchObject({ objectId: id, changes: { api_token: { secret: true } } });
      await write(async (em) => {
        (await em.findOneOrFail(Note, { id })).title = 'b';
      });
      expect((await records())[0]?.changes).toEqual({ title: { before: 'a', after: 'b' } });
      await write(async (em) => void (await em.nativeUpdate(Note, { id }, { isOpen: false })));
      expect((await records())[0]?.changes).toEqual({ is_open: { before: true, after: false } });
      await told(() => b.sql('update notes_note set title = title || ? where id = ?', ['c', id]));
      expect((await records())[0]?.changes).toEqual({ title: { before: 'b', after: 'bc' } });
      await write(
        async (em) =>
          void (await em.insertMany(Note, [
            { title: 'x', isOpen: true, apiToken: '' },
            { title: 'y', isOpen: true, apiToken: '' },
          ])),
      );
      const many = await records();
      const rows = await b.sql<{ id: number; title: string }>(
        'select id, title from notes_note where id > ? order by id',
        [id],
      );
      expect(many.map(({ objectId, label }) => [objectId, label])).toEqual(
        rows.map((row) => [Number(row.id), row.title]),
      );
      // Undescribed, and by a foreign key nobody told of.
      await told(() => b.sql('insert into notes_plain (name, password) values (?, ?)', ['p', 'canary-plain']));
      expect((await records())[0]).toMatchObject({
        kind: 'notes_plain',
        extension: 'notes',
        changes: { name: { after: 'p' }, password: { secret: true } },
      });
      expect(await write(async (em) => void (await em.nativeDelete(Note, { id: { $gte: id } })))).toHaveLength(3);
      await b.sql('delete from notes_plain');
    });

    it('of more rows than anybody reads are counted', async () => {
      const { data } = b.context;
      await data.write(async (em) => {
        await em.insertMany(
          Note,
          Array.from({ length: 1_200 }, (_, i) => ({ title: `n${i}`, isOpen: true, apiToken: '' })),
        );
      });
      const [last] = await b.host.kernel.audit.table.list({}, { size: 1 });
      from = last?.id ?? 0;
      await b.sql('update notes_note set is_open = ?', [false]);
      expect(await records()).toMatchObject([
        { action: 'updated', kind: 'note', rows: 1_200, objectId: null, changes: { is_open: { after: false } } },
      ]);
      await b.sql('delete from notes_note');
      expect(await records()).toMatchObject([{ action: 'updated' }, { action: 'deleted', rows: 1_200 }]);
    });

    it('that a query feeds are counted too', async () => {
      await b.sql('insert into notes_note (title) select username from core_user');
      const [record] = await records();
      expect(record).toMatchObject({ action: 'created', kind: 'note', objectId: null });
      await b.sql('delete from notes_note');
    });

    it('that follow from others are left out where that is said', async () => {
      const { data } = b.context;
      expect(
        await told(() =>
          data.write(async (em) => {
            em.persist(em.create(Note, { title: 'seen', isOpen: true, apiToken: '' }));
            await data.derived(async () => {
              em.persist(em.create(Note, { title: 'unseen', isOpen: true, apiToken: '' }));
              await b.sql('insert into notes_note (title) values (?)', ['unseen too']);
            });
          }),
        ),
      ).toEqual(['created note seen']);
      await b.sql('delete from notes_note');
    });
  });

  describe('who is no super administrator', () => {
    it('sees what lies in what he reaches, and nothing that nobody answers for', async () => {
      await b.sql('insert into notes_plain (name) values (?)', ['hidden']);
      const within = await auditScope(b.host.kernel, await b.actor('admin@test.com'));
      const seen = await b.host.kernel.audit.table.list({ within }, { size: 1_000 });
      const labels = (kind: string) => new Set(seen.filter((r) => r.kind === kind).map(({ label }) => label));
      expect(labels('account')).toEqual(new Set(['admin@test.com', 'user@test.com']));
      expect(labels('domain')).toEqual(new Set(['test.com']));
      expect(labels('recipient')).toContain('user@external.com');
      expect([...labels('notes_plain'), ...labels('grant'), ...labels('parameters')]).toEqual([]);
      const simple = await auditScope(b.host.kernel, await b.actor('user@test.com'));
      const own = await b.host.kernel.audit.table.list({ within: simple }, { size: 1_000 });
      expect(new Set(own.map(({ label }) => label))).toEqual(new Set(['user@test.com']));
      await b.sql('delete from notes_plain');
    });
  });

  describe('the chain', () => {
    const verdict = async () => {
      const { isWhole, broken } = await audit.chain.verify();
      return isWhole ? 'whole' : `${broken?.reason} ${broken?.seq}`;
    };
    /** Tampers, looks, and mends again what was done. */
    const tampered = async (sql: string, params: readonly unknown[], undo: () => Promise<unknown>): Promise<string> => {
      await b.sql(sql, params);
      const found = await verdict();
      await undo();
      expect(await verdict()).toBe('whole');
      return found;
    };
    const columns =
      'id, at, actor_id, actor, behind, door, address, request, via, extension, kind, object_id, label, place, action, row_count, changes, seq, previous, hash';
    const put = async (row: Readonly<Record<string, unknown>>) =>
      b.sql(
        `insert into core_audit (${columns}) values (${columns
          .split(', ')
          .map(() => '?')
          .join(', ')})`,
        columns.split(', ').map((name) => row[name]),
      );

    it('has every record once, without a gap, and names the first that is not right', async () => {
      await audit.seal();
      expect(await verdict()).toBe('whole');
      const rows = await b.sql('select * from core_audit order by seq desc limit 5');
      const [last, , middle] = rows;
      const seq = Number(middle?.['seq']);
      const id = middle?.['id'];
      const restore = (column: string) => () =>
        b.sql(`update core_audit set ${column} = ? where id = ?`, [middle?.[column], id]);
      expect(await tampered('update core_audit set actor = ? where id = ?', ['nobody', id], restore('actor'))).toBe(
        `changed ${seq}`,
      );
      expect(await tampered('update core_audit set changes = ? where id = ?', ['{}', id], restore('changes'))).toBe(
        `changed ${seq}`,
      );
      expect(
        await tampered('update core_audit set changes = ? where id = ?', ['not json', id], restore('changes')),
      ).toBe(`changed ${seq}`);
      expect(await tampered('update core_audit set at = at + 1 where id = ?', [id], restore('at'))).toBe(
        `changed ${seq}`,
      );
      expect(await tampered('delete from core_audit where id = ?', [id], () => put(middle ?? {}))).toBe(
        `removed ${seq}`,
      );
      expect(await tampered('delete from core_audit where id = ?', [last?.['id']], () => put(last ?? {}))).toBe(
        `cut ${Number(last?.['seq'])}`,
      );
      const forged = { ...last, id: 900_000_000, seq: Number(last?.['seq']) + 1 };
      expect(
        await tampered('select 1', [], async () => {
          await put(forged);
          expect(await verdict()).toBe(`inserted ${forged.seq}`);
          await b.sql('delete from core_audit where id = ?', [forged.id]);
        }),
      ).toBe('whole');
      const [head] = await b.sql('select ends from core_audit_head');
      const back = () => b.sql('update core_audit_head set ends = ?', [head?.['ends']]);
      expect(await tampered("update core_audit_head set ends = ''", [], back)).toBe('head 0');
      expect(await tampered('update core_audit_head set ends = ?', ['v1.x.y'], back)).toBe('head 0');
    });

    it('is compared with a place that was noted elsewhere', async () => {
      await audit.seal();
      const { head } = await audit.chain.verify();
      await b.domains.update(b.system, 'test.com', { quota: 61 });
      await audit.seal();
      expect((await audit.chain.verify(head)).isWhole).toBe(true);
      expect((await audit.chain.verify({ ...head, hash: '0'.repeat(64) })).broken).toMatchObject({ reason: 'anchor' });
      expect((await audit.chain.verify({ ...head, seq: head.seq + 999 })).broken).toMatchObject({ reason: 'anchor' });
    });

    it('begins later when old records are removed, and still holds', async () => {
      await audit.seal();
      const [before] = await b.sql('select count(*) as n, max(seq) as seq from core_audit');
      expect(await audit.chain.purge(1)).toBe(0);
      await b.sql('update core_audit set at = 1 where seq <= ?', [Number(before?.['seq']) - 2]);
      // Changed ages are found; for the purge they are as good as old.
      const count = await audit.chain.purge(1);
      expect(count).toBe(Number(before?.['n']) - 2);
      expect(await verdict()).toBe('whole');
      expect((await audit.chain.verify()).checked).toBe(2);
      await b.domains.update(b.system, 'test.com', { quota: 62 });
      await audit.seal();
      expect(await verdict()).toBe('whole');
    });
  });
}
