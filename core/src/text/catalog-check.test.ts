import { describe, expect, it } from 'vitest';
import { checkCatalog } from './catalog-check.js';
import { SentenceFinder } from './source-sentences.js';

const finder = new SentenceFinder('demo');
finder.read(
  `const t = messages('demo'); t('Hello {{name}}'); t('Yes'); t(LABELS[x]); const LABELS = ['named'];
   t({ one: 'one file in {{place}}', other: '{{count}} files in {{place}}' }, { count, place });`,
  false,
  'a.js',
);
const whole = {
  'Hello {{name}}': 'Bonjour {{name}}',
  Yes: 'Oui',
  '{{count}} files in {{place}}_one': 'un fichier dans {{place}}',
  '{{count}} files in {{place}}_many': '{{count}} de fichiers dans {{place}}',
  '{{count}} files in {{place}}_other': '{{count}} fichiers dans {{place}}',
};
const check = (catalog: Readonly<Record<string, string>>, language = 'fr') =>
  checkCatalog(language, catalog, finder).map(({ finding, sentence }) => `${finding}: ${sentence}`);

describe('a catalogue', () => {
  it('is well with every sentence in every form', () => {
    expect(check({ ...whole, named: 'par une variable' })).toEqual([]);
  });

  it('lacks sentences that are not there or empty', () => {
    expect(check({ ...whole, Yes: '' })).toEqual(['missing: Yes']);
    expect(check({})).toEqual(['missing: Hello {{name}}', 'missing: Yes', 'missing: {{count}} files in {{place}}']);
  });

  it('needs the forms that its language has', () => {
    const { '{{count}} files in {{place}}_many': _, ...few } = whole;
    expect(check(few)).toEqual(['plural: {{count}} files in {{place}}_many']);
    expect(check(few, 'de')).toEqual([]);
    expect(check(whole, 'pl')).toEqual(['plural: {{count}} files in {{place}}_few']);
  });

  it('keeps arguments; only a number may be said in words', () => {
    const wrong = { ...whole, 'Hello {{name}}': 'Bonjour {{nom}}', '{{count}} files in {{place}}_one': 'un fichier' };
    expect(check(wrong)).toEqual(['placeholders: Hello {{name}}', 'placeholders: {{count}} files in {{place}}_one']);
  });

  it('has nothing that nobody says: old sentences, singulars, and counted ones without a form', () => {
    const old = { Gone: 'Parti', 'one file in {{place}}': 'x', '{{count}} files in {{place}}': 'y' };
    expect(check({ ...whole, ...old })).toEqual(Object.keys(old).map((key) => `unused: ${key}`));
  });
});
