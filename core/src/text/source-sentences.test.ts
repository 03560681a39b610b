import { describe, expect, it } from 'vitest';
import { SentenceFinder } from './source-sentences.js';

function find(source: string, isView = false): SentenceFinder {
  const finder = new SentenceFinder('demo');
  finder.read(source, isView, 'a.js');
  return finder;
}
const keys = (source: string, isView = false): readonly string[] => [...find(source, isView).said.keys()];

const BOUND = "const t = messages('demo');\n";

describe('the sentences of a source', () => {
  it('are those of the extension, under whatever name it has given to them', () => {
    expect(
      keys("const say = messages('demo'), t = messages('other'); say('A'); t('B'); messages('demo')('C');"),
    ).toEqual(['A', 'C']);
    expect(keys("t('A'); it.t('B'); const t = messages(id);")).toEqual([]);
  });

  it('are read with their quotes and escapes', () => {
    expect(keys(`${BOUND} t("it's"); t('it\\'s \\u00e9\\x41\\u{1F600}\\n'); t(\`plain \\\`back\\\`\`);`)).toEqual([
      "it's",
      "it's éA😀\n",
      'plain `back`',
    ]);
  });

  it('are found in branches, in templates and behind regular expressions, but not in comments', () => {
    const source = `${BOUND}
      // t('comment') isn't one
      /* t('another') */
      const a = x.replace(/[/'"\`]+\\/'/g, "'") / 2 / y; t(isFew ? 'few' : isOne ? 'one' : 'many');
      const b = \`<b title="\${t('inner', { n: \`\${n}\` })}">it's\${'}'}</b>\`; if (a) /t\\('no'\\)/.test(b);
      t('last')`;
    expect(keys(source)).toEqual(['few', 'one', 'many', 'inner', 'last']);
  });

  it('have two forms where they are counted', () => {
    const { said } = find(`${BOUND} t({ one: '{{count}} box', other: '{{count}} boxes' }, { count, other: 'x' });`);
    expect([...said.values()]).toEqual([{ key: '{{count}} boxes', one: '{{count}} box', file: 'a.js' }]);
  });

  it('are the messages and hints of problems', () => {
    const source = `const p = problems('demo', {
      E_A: { kind: 'conflict', message: 'A', hint: 'B' },
      E_B: { kind: 'conflict', message: { one: 'C', other: 'D' } },
    });
    problems('other', { E_C: { message: 'E' } });
    schema.refine(isWell, { message: 'F' });
    log({ message: 'G' });`;
    expect(keys(source)).toEqual(['A', 'B', 'D', 'F']);
  });

  it('are said to be unseen where they are put together, and are somebody else’s where they have a name', () => {
    expect(
      find(`${BOUND} t('a' + b); t(\`a \${b}\`); t(make('x')); t(row.label); t(REASONS[reason]); x.t('y');`).unseen,
    ).toEqual(['a.js: a + b', 'a.js:  ( b )', 'a.js: make ( x )']);
  });

  it('stand in views as t and it.t', () => {
    expect(keys("let x = it.t('A') + t('B') + env.t('C');", true)).toEqual(['A', 'B']);
  });
});
