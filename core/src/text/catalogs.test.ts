import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Message, messages } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Translate, translator } from './catalogs.js';

const t = messages('demo');
const other = messages('other');
const FORMS = { one: '{{count}} file', other: '{{count}} files' };
const files = (count: number): Message => t(FORMS, { count });

let folder: string;
const load = (language: string, catalog: object): Promise<Translate> =>
  writeFile(join(folder, `${language}.json`), JSON.stringify(catalog)).then(() =>
    translator(language, [{ extension: 'demo', locales: pathToFileURL(`${folder}/`) }]),
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'catalogs-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a translated text', () => {
  it('falls back to English where its extension does not know it, or has not translated it yet', async () => {
    const say = await load('fr', { Yes: 'Oui', 'Wait: {{what}}.': '' });
    expect([t('Yes'), other('Yes'), t('No'), t('Wait: {{what}}.', { what: t('Yes') }), 'Yes'].map(say)).toEqual([
      'Oui',
      'Yes',
      'No',
      'Wait: Oui.',
      'Yes',
    ]);
  });

  it('takes texts as arguments, in the same language, of any extension and any depth', async () => {
    const say = await load('fr', {
      'Not saved: {{reason}}': 'Pas enregistré : {{reason}}',
      'it is {{what}}': 'c’est {{what}}',
      full: 'plein',
    });
    expect(say(t('Not saved: {{reason}}', { reason: t('it is {{what}}', { what: t('full') }) }))).toBe(
      'Pas enregistré : c’est plein',
    );
    expect(say(other('Oh: {{reason}}', { reason: t('full') }))).toBe('Oh: plein');
  });

  it('ends where texts go in a circle', async () => {
    const say = await load('fr', { 'a {{b}}': 'à {{b}}' });
    const args: Record<string, Message> = {};
    const circle = t('a {{b}}', args);
    args['b'] = circle;
    expect(say(circle)).toMatch(/^(?:à )+…$/);
  });

  it('never reads what stands in an argument, and arguments never steer the translation', async () => {
    const say = await load('fr', { 'Hello {{name}}': 'Bonjour {{name}}', 'Hello {{name}}_male': 'Salut', Yes: 'Oui' });
    for (const name of ['{{name}}', '$t(Yes)', '<b>', "{{count}}, 'x'"]) {
      expect(say(t('Hello {{name}}', { name }))).toBe(`Bonjour ${name}`);
    }
    expect(say(t('Hello {{name}}', { name: 'x', context: 'male', lng: 'de', ns: 'other', count: 1 }))).toBe(
      'Bonjour x',
    );
  });

  it('has the forms of its language', async () => {
    const polish = await load('pl', {
      '{{count}} files_one': '{{count}} plik',
      '{{count}} files_few': '{{count}} pliki',
      '{{count}} files_many': '{{count}} plików',
      '{{count}} files_other': '{{count}} pliku',
    });
    expect([0, 1, 2, 5, 22, 1.5].map(files).map(polish)).toEqual([
      '0 plików',
      '1 plik',
      '2 pliki',
      '5 plików',
      '22 pliki',
      '1,5 pliku',
    ]);
    const french = await load('fr', {
      '{{count}} files_one': '{{count}} fichier',
      '{{count}} files_other': '{{count}} fichiers',
    });
    expect([0, 1, 2, 1_234].map(files).map(french)).toEqual([
      '0 fichier',
      '1 fichier',
      '2 fichiers',
      '1\u202f234 fichiers',
    ]);
  });

  it('takes the common form where a rare one is missing, and English where there is none', async () => {
    const say = await load('fr', { '{{count}} files_other': '{{count}} fichiers' });
    expect([1_000_000, 1].map(files).map(say)).toEqual(['1\u202f000\u202f000 fichiers', '1 fichiers']);
    const none = await load('fr', {});
    expect([1, 2].map(files).map(none)).toEqual(['1 file', '2 files']);
  });
});
