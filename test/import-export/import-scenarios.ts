import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, CommandContext, PrintableRow } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestHost } from '../kit/src/test-host.js';
import { heard } from './rows.js';

/** Importing and exporting over whatever database the host has. */
export function importScenarios(host: () => TestHost): void {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'posthorn-import-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  beforeEach(() => {
    heard.length = 0;
  });
  beforeEach(() => host().kernel.database.execute('delete from shelf_book'));

  async function run(noun: string, input: object, as = host().system) {
    const found = host()
      .kernel.commands()
      .find(({ item }) => item.noun === noun);
    const seen = { rows: [] as PrintableRow[], code: 0, text: '', said: [] as string[] };
    const context = Object.assign(Object.create(host().context('core')) as CommandContext, {
      actor: as,
      signal: new AbortController().signal,
      setExitCode: (code: number) => {
        seen.code = code;
      },
      out: {
        list: async (rows: Iterable<PrintableRow>) => void seen.rows.push(...rows),
        note: (said: { key: string }) => void seen.said.push(said.key),
        warn: (said: { key: string }) => void seen.said.push(said.key),
        stream: async (pieces: AsyncIterable<string>) => {
          for await (const piece of pieces) seen.text += piece;
        },
      },
    });
    await (found?.item as Command).run({ sepchar: ';', ...input }, context);
    return seen;
  }
  async function imported(content: string | Uint8Array, options: object = {}) {
    const file = join(directory, 'rows.csv');
    await writeFile(file, content);
    return run('import', { file: [file], ...options });
  }
  const titles = async () =>
    (await host().kernel.database.execute<{ title: string }>('select title from shelf_book order by title')).map(
      ({ title }) => title,
    );

  describe('a file', () => {
    it('is imported whole, quotes, spaces, empty lines and a list at the end included', async () => {
      const seen = await imported(
        '\ufeffshelf-book; a ;1; red;blue;;\r\n\r\n;;\nSHELF-BOOK;"b; ""c""\nd";2\nshelf-book;\'=1+1;3;\n'.replace(
          '\nd',
          '',
        ),
      );
      expect([seen.code, seen.rows]).toEqual([0, []]);
      expect(await titles()).toEqual(['=1+1', 'a', 'b; "c"']);
      const back = await run('export', { name: 'books' });
      expect(back.text).toBe('shelf-book;\'=1+1;3;\r\nshelf-book;a;1;red;blue\r\nshelf-book;"b; ""c""";2;\r\n');
      await host().kernel.database.execute('delete from shelf_book');
      expect((await imported(back.text)).code).toBe(0);
      expect((await run('export', { name: 'books' })).text).toBe(back.text);
    });

    it('may be UTF-16, and is refused in other encodings', async () => {
      for (const [mark, swap] of [
        ['\ufeff', false],
        ['\ufeff', true],
      ] as const) {
        const bytes = Buffer.from(`${mark}shelf-book;é${String(swap)};1\n`, 'utf16le');
        expect((await imported(swap ? bytes.swap16() : bytes)).code).toBe(0);
      }
      expect(await titles()).toEqual(['éfalse', 'étrue']);
      await expect(imported(Buffer.from('shelf-book;é;1\n', 'latin1'))).rejects.toMatchObject({
        code: 'E_IMPORT_ENCODING',
      });
    });

    it('is refused whole with a verdict for every row that is wrong', async () => {
      const seen = await imported(
        'shelf-book;good;1\nshelf-book;;0\nbooks;a;1\nshelf-book;x;1\nshelf-book;c;1;this tag is too long\nshelf-book;d\n',
      );
      expect(seen.rows).toMatchObject([
        { file: 'rows.csv', line: 2, kind: 'shelf-book', field: 'title', verdict: 'refused', code: 'E_INVALID' },
        { line: 3, kind: 'books', code: 'E_IMPORT_KIND' },
        { line: 4, field: 'title', code: 'E_SHELF_SHORT', reason: 'This title is too short.' },
        { line: 5, field: 'tags.0' },
        { line: 6, field: 'pages' },
      ]);
      expect([seen.code, seen.said]).toEqual([6, ['Nothing was imported.']]);
      expect(await titles()).toEqual([]);
    });

    it('is taken back whole where rows meet each other', async () => {
      const seen = await imported('shelf-book;a;1\nshelf-book;a;2\nshelf-book;b;1\n');
      expect(seen.rows).toMatchObject([{ line: 2, code: 'E_SHELF_TAKEN', verdict: 'refused' }]);
      expect([seen.code, await titles(), heard]).toEqual([4, [], []]);
    });

    it('goes on over what exists where that is wanted, and leaves nothing of such a row', async () => {
      await imported('shelf-book;a;1\n');
      const seen = await imported('shelf-book;a;2\nshelf-book;b;1\n', { continue_if_exists: true });
      expect(seen.rows).toMatchObject([{ line: 1, verdict: 'exists' }]);
      expect([seen.code, await titles()]).toEqual([0, ['a', 'b']]);
      expect(heard).toEqual(['a', 'b']);
    });

    it('is imported row by row where that is wanted', async () => {
      const seen = await imported('shelf-book;a;1\nshelf-book;x;1\nshelf-book;a;2\nshelf-book;b;1\n', {
        per_row: true,
      });
      expect(seen.rows).toMatchObject([{ line: 2 }, { line: 3 }]);
      expect([seen.code, await titles()]).toEqual([6, ['a', 'b']]);
    });

    it('leaves nothing after a dry run', async () => {
      const seen = await imported('shelf-book;a;1\nshelf-book;b;1\n', { dry_run: true });
      expect([seen.code, seen.rows, await titles()]).toEqual([0, [], []]);
      expect(seen.said).toEqual(['{{count}} rows could be imported.']);
    });

    it('is taken back where its importer fails, which is named', async () => {
      await expect(imported('shelf-book;a;1\nshelf-book;broken;1\n')).rejects.toMatchObject({ extension: 'shelf' });
      expect(await titles()).toEqual([]);
    });

    it('is no CSV where a quote is never closed, or a row has no end', async () => {
      await expect(imported('shelf-book;"a;1\n')).rejects.toMatchObject({ code: 'E_IMPORT_CSV' });
      await expect(imported(`shelf-book;${'a'.repeat(400_000)}\n`)).rejects.toMatchObject({ code: 'E_IMPORT_SIZE' });
      await expect(imported(`shelf-book${';'.repeat(3_000)}\n`)).rejects.toMatchObject({ code: 'E_IMPORT_SIZE' });
      await expect(run('import', { file: [join(directory, 'none.csv')] })).rejects.toMatchObject({
        code: 'E_FILE_READ',
      });
    });

    it('of many transactions is taken back whole, and told of when all of it is done', async () => {
      const rows = Array.from({ length: 2_500 }, (_, i) => `shelf-book;book ${String(i).padStart(4, '0')};1`);
      const seen = await imported(`${rows.join('\n')}\n${rows[7]}\n`);
      expect(seen.rows).toMatchObject([{ line: 2_501, code: 'E_SHELF_TAKEN' }]);
      expect([seen.code, await titles(), heard]).toEqual([4, [], []]);
      const done = await imported(`${rows.join('\n')}\n`);
      expect([done.code, (await titles()).length]).toEqual([0, 2_500]);
      expect(heard.toSorted()).toEqual(await titles());
      const left = await host().kernel.database.execute(
        'select (select count(*) from core_import) + (select count(*) from core_import_batch) + (select count(*) from core_outbox) as n',
      );
      expect(Number(left[0]?.n)).toBe(0);
    });

    it('takes no more memory for a million verdicts than for a thousand', async () => {
      const row = 'shelf-book;again;1\n';
      const seen = await imported(row.repeat(1_300), { continue_if_exists: true });
      expect([seen.code, await titles(), seen.rows.length]).toEqual([0, ['again'], 1_000]);
      expect(seen.said).toContain('{{count}} rows were there already and were left.');
      const refused = await imported('shelf-book;x;1\n'.repeat(1_300));
      expect([refused.code, refused.rows.length]).toEqual([6, 1_000]);
    });

    it('is refused with its line where it is no text, or meant otherwise', async () => {
      const good = 'shelf-book;a;1';
      const bad = (code: string, line?: number) => ({ code, text: { args: line === undefined ? {} : { line } } });
      for (const [content, refusal] of [
        ['', bad('E_IMPORT_EMPTY')],
        [';;\r\n\r\n', bad('E_IMPORT_EMPTY')],
        [`${good}\r\n${good}\r\nshelf-book;\0;1\r\n`, bad('E_IMPORT_NUL', 3)],
        [`${good}\r${good}\rshelf-book;\0;1\r`, bad('E_IMPORT_NUL', 3)],
        [Buffer.from(`${good}\n`, 'utf16le'), bad('E_IMPORT_NUL', 1)],
        [Buffer.from(`${good}\n${good}\nshelf-book;\xe9;1\n`, 'latin1'), bad('E_IMPORT_ENCODING', 3)],
        [`${good}\nshelf-book${';'.repeat(10_000)}\n`, bad('E_IMPORT_SIZE', 2)],
        ['shelf-book,a,1\n', { code: 'E_IMPORT_SEPARATOR', text: { args: { separator: ';', likely: ',', line: 1 } } }],
        ['shelf-book\ta\t1\n', { code: 'E_IMPORT_SEPARATOR', text: { args: { likely: 'TAB' } } }],
        ['Shelf-Book;Title;Pages;Tags\nshelf-book;a;1\n', bad('E_IMPORT_HEADINGS', 1)],
        ['type;title;pages\n', bad('E_IMPORT_HEADINGS', 1)],
      ] as const) {
        await expect(imported(content), String(content).slice(0, 40)).rejects.toMatchObject(refusal);
      }
      expect(await titles()).toEqual([]);
      expect((await imported('shelf-book;a;1\rshelf-book;b;1\rshelf-book;c;1')).code).toBe(0);
      expect(await titles()).toEqual(['a', 'b', 'c']);
    });

    it('with a line of a gigabyte is refused after its first part was read', async () => {
      const pipe = join(directory, 'endless');
      execFileSync('mkfifo', [pipe]);
      const block = Buffer.alloc(65_536, 'a');
      let taken = 0;
      const written = (async () => {
        const file = await open(pipe, 'w');
        try {
          await file.write('shelf-book;a;1\nshelf-book;');
          for (; taken < 2 ** 30; taken += block.length) await file.write(block);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EPIPE' });
        } finally {
          await file.close();
        }
      })();
      await expect(run('import', { file: [pipe] })).rejects.toMatchObject({
        code: 'E_IMPORT_SIZE',
        text: { args: { line: 2 } },
      });
      await written;
      expect(taken).toBeLessThan(8 * 1_048_576);
    });

    it('of kinds that are names of every object is of no known kind', async () => {
      const seen = await imported('__proto__;a;1\nconstructor;a;1\ntoString;a;1\n');
      expect(seen.rows).toMatchObject(
        ['__proto__', 'constructor', 'toString'].map((kind) => ({ kind, code: 'E_IMPORT_KIND' })),
      );
    });

    it('needs the permission of every kind in it', async () => {
      const plain = { ...host().system, isSuperuser: false, can: (p: string) => p === 'core.import' };
      const file = join(directory, 'mine.csv');
      await writeFile(file, 'shelf-book;a;1\n');
      const seen = await run('import', { file: [file] }, plain);
      expect([seen.code, seen.rows]).toMatchObject([5, [{ code: 'E_FORBIDDEN' }]]);
      await expect(run('export', { name: 'books' }, plain)).rejects.toMatchObject({ code: 'E_FORBIDDEN' });
    });
  });

  it('lists what there is', async () => {
    expect((await run('import', { file: [] })).rows).toContainEqual({
      kind: 'shelf-book',
      extension: 'shelf',
      columns: ['title', 'pages', 'tags'],
    });
    expect((await run('export', {})).rows).toMatchObject([{ name: 'books', extension: 'shelf' }]);
    await expect(run('export', { name: 'nothing' })).rejects.toMatchObject({ code: 'E_EXPORT_NOT_FOUND' });
  });
}
