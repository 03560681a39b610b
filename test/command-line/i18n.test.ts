import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';

let instance: Instance;
let work: string;

const file = (path: string) => join(work, path);
const catalog = async (language: string) =>
  JSON.parse(await readFile(file(`locales/${language}.json`), 'utf8')) as Record<string, string>;
const write = (language: string, content: unknown) =>
  writeFile(file(`locales/${language}.json`), typeof content === 'string' ? content : JSON.stringify(content));
const check = async (...more: string[]) => {
  const { code, stdout, stderr } = await instance.posthorn(['i18n', 'check', 'acme-notes', ...more, '--json']);
  const rows = stdout.split('\n').filter((line) => line !== '');
  return { code, stderr, rows: rows.map((row) => JSON.parse(row) as Record<string, string>) };
};
const said = (rows: readonly Record<string, string>[]) => rows.map((row) => `${row['finding']}: ${row['sentence']}`);

async function install(name: string, target: string, isLinked: boolean): Promise<void> {
  const place = join(instance.directory, 'node_modules', name);
  await rm(place, { recursive: true, force: true });
  await mkdir(join(place, '..'), { recursive: true });
  await (isLinked ? symlink(target, place) : cp(target, place, { recursive: true }));
  const manifest = join(instance.directory, 'package.json');
  const content = JSON.parse(await readFile(manifest, 'utf8')) as { dependencies?: Record<string, string> };
  await writeFile(manifest, JSON.stringify({ ...content, dependencies: { ...content.dependencies, [name]: '1.0.0' } }));
}

beforeAll(async () => {
  instance = await freshInstance();
  work = join(instance.directory, 'work/acme-notes');
  await mkdir(file('dist'), { recursive: true });
  await mkdir(file('views'));
  await mkdir(file('locales'));
  const posthorn = { id: 'acme-notes', sdk: '^1.0.0' };
  await writeFile(
    file('package.json'),
    JSON.stringify({ name: 'acme-notes', version: '1.0.0', type: 'module', posthorn }),
  );
  // Translators may look at what cannot be run yet.
  await writeFile(
    file('dist/index.js'),
    `throw new Error('not now'); const t = messages('acme-notes');
     export const title = t('Notes'), count = (count) => t({ one: 'one note', other: '{{count}} notes' }, { count });`,
  );
  await writeFile(file('views/note.eta'), "<h1><%= it.t('Note of {{name}}', { name: it.name }) %></h1>");
  await install('acme-notes', work, true);
});
afterAll(() => instance?.remove());

describe('posthorn i18n', () => {
  it('finds the catalogues of the host and of what is installed in order', async () => {
    const { code, stderr, stdout } = await instance.posthorn(['i18n', 'check']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('Nothing is missing.');
    expect((await instance.posthorn(['i18n', 'check', 'host', '--language', 'fr'])).code).toBe(0);
  });

  it('shows what a language lacks that has no catalogue', async () => {
    const { code, rows } = await check('--language', 'fr');
    expect(code).toBe(1);
    expect(said(rows)).toEqual(['missing: Notes', 'missing: {{count}} notes', 'missing: Note of {{name}}']);
    expect(rows[2]).toEqual({
      extension: 'acme-notes',
      language: 'fr',
      finding: 'missing',
      sentence: 'Note of {{name}}',
      file: 'views/note.eta',
    });
  });

  it('writes it into a file, where it says nothing until somebody has translated it', async () => {
    const first = await instance.must(['i18n', 'extract', 'acme-notes', '--language', 'fr', '--json']);
    expect(first.json()).toEqual({ file: file('locales/fr.json'), added: 5 });
    expect(await readFile(file('locales/fr.json'), 'utf8')).toBe(
      `${JSON.stringify(
        {
          'Note of {{name}}': '',
          Notes: '',
          '{{count}} notes_many': '',
          '{{count}} notes_one': '',
          '{{count}} notes_other': '',
        },
        undefined,
        2,
      )}\n`,
    );
    expect((await check()).code).toBe(1);
    await write('fr', { ...(await catalog('fr')), Notes: 'Notes', Old: 'Vieux' });
    expect((await instance.must(['i18n', 'extract', 'acme-notes', '--language', 'fr', '--json'])).json()).toMatchObject(
      {
        added: 0,
      },
    );
    expect(await catalog('fr')).toMatchObject({ Notes: 'Notes', Old: 'Vieux' });
  });

  it('tells everything that is wrong with a catalogue', async () => {
    await write('fr', {
      Notes: 'Notes',
      'Note of {{name}}': 'Note de {{nom}}',
      '{{count}} notes_one': 'une note',
      '{{count}} notes_other': '{{count}} notes',
      Old: 'Vieux',
    });
    expect(said((await check('--language', 'fr')).rows)).toEqual([
      'plural: {{count}} notes_many',
      'placeholders: Note of {{name}}',
      'unused: Old',
    ]);
    for (const [content, reason] of [
      ['{', 'it is no JSON'],
      ['[]', 'it is no object'],
      [{ Notes: { a: 'b' } }, 'it has something else than a text under "Notes"'],
    ] as const) {
      await write('fr', content);
      const { code, rows } = await check();
      expect([code, said(rows)]).toEqual([1, [`catalogue: ${reason}`]]);
      expect((await instance.posthorn(['i18n', 'extract', 'acme-notes', '--language', 'fr'])).code).toBe(78);
    }
    await rm(file('locales/fr.json'));
  });

  it('can begin with the English sentences', async () => {
    await instance.must(['i18n', 'extract', 'acme-notes', '--language', 'de', '--copy']);
    expect(await catalog('de')).toEqual({
      'Note of {{name}}': 'Note of {{name}}',
      Notes: 'Notes',
      '{{count}} notes_one': 'one note',
      '{{count}} notes_other': '{{count}} notes',
    });
    expect((await check()).code).toBe(0);
  });

  it('refuses what is no extension, no language, or not ours to write', async () => {
    expect((await instance.posthorn(['i18n', 'check', 'nowhere'])).code).toBe(3);
    for (const language of ['../fr', 'FR', 'x', 'fr_FR', '']) {
      const { code, stderr } = await instance.posthorn(['i18n', 'check', 'acme-notes', `--language=${language}`]);
      expect([language, code, stderr]).toEqual([language, 6, expect.stringContaining('language')]);
    }
    await install('acme-notes', work, false);
    expect((await check('--language', 'fr')).rows).toHaveLength(3);
    const { code, stderr } = await instance.posthorn(['i18n', 'extract', 'acme-notes', '--language', 'fr']);
    expect(code).toBe(5);
    expect(stderr).toContain('came with its package');
  });
});
