import { readFile } from 'node:fs/promises';
import { type CheckId, checkConformance, checks, type Prepared, QUALITY_RULES } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { type Fixture, fixture } from './fixture.js';

interface Broken extends Fixture {
  readonly check: CheckId;
  readonly what: string;
  readonly says: RegExp;
  /** It is told and does not fail. */
  readonly isWarning?: boolean;
}

const broken: readonly Broken[] = [
  {
    check: 'manifest',
    what: 'another version in its code',
    definition: "version: '1.0.1',",
    says: /its code says version 1\.0\.1, its package says 1\.0\.0/,
  },
  {
    check: 'manifest',
    what: 'an optional peer that only its code knows',
    definition: "optional: { nowhere: '^1.0.0' },",
    says: /disagree on what is optional/,
  },
  {
    check: 'package',
    what: 'no keyword, and its own copy of the SDK',
    manifest: { keywords: [], dependencies: { '@posthorn/sdk': '1.0.0' } },
    says: /keywords lacks posthorn-extension[\s\S]*make it a peer only/,
  },
  {
    check: 'package',
    what: 'views that are not published',
    manifest: { files: ['index.js', 'locales'] },
    says: /files does not publish views/,
  },
  { check: 'package', what: 'no licence', manifest: { license: '' }, says: /license is missing/ },
  {
    check: 'package',
    what: 'a required extension that is no peer',
    manifest: {
      peerDependencies: { '@posthorn/sdk': '^1.0.0' },
      devDependencies: { '@posthorn/admin': '0.1.0' },
    },
    says: /lacks the package of the extension admin/,
  },
  {
    check: 'quiet-import',
    what: 'a timer that begins when it is imported',
    code: 'setInterval(() => {}, 1_000_000).unref();',
    says: /Timeout made at index\.js:\d+ is still there/,
  },
  {
    check: 'quiet-import',
    what: 'a listener of the process and a global name',
    code: "process.on('SIGUSR2', () => {}); globalThis.sampleState = {};",
    says: /SIGUSR2[\s\S]*global name sampleState/,
  },
  {
    check: 'registry',
    what: 'contributions that differ at each reading',
    code: 'let reads = 0;',
    definition: 'get contributes() { reads += 1; return reads % 2 === 0 ? SOUND : [SHOW]; },',
    says: /[+-] \d in admin\.domain-editor@1/,
  },
  {
    check: 'migrations',
    what: 'a step that is not taken back whole',
    code: 'let times = 0;',
    definition: `migrations: [TABLE, migration({ name: 'sample/0002-more', up: () => [],
      down: (ddl) => ddl.addColumn('core_user', 'sample_' + (times += 1), { type: 'integer', nullable: true }) })],`,
    says: /sqlite: second time/,
  },
  {
    check: 'prefix',
    what: "a table, a command and a service under others' names",
    definition: `migrations: [migration({ name: 'sample/0001-initial',
        up: (ddl) => ddl.createTable('other_thing', { columns: { id: { type: 'id' } } }), down: (ddl) => ddl.dropTable('other_thing') })],
      services: [provide(service('other.things@1'), () => ({}))],
      contributes: [command({ noun: 'other', verb: 'list', summary: t('Look'), examples: [], permission, input: {}, run: async () => {} })],`,
    says: /service other\.things@1[\s\S]*command other[\s\S]*table other_thing/,
  },
  {
    check: 'hooks',
    what: 'a hook that its owner does not have',
    definition: "taps: [on(hook.signal('admin.nobody-calls-this@1'), () => {})],",
    says: /admin has no hook admin\.nobody-calls-this@1/,
  },
  {
    check: 'hooks',
    what: 'a signal that it takes for a guard',
    definition: "taps: [on(hook.guard('admin.domain-created@1'), () => undefined)],",
    says: /is a signal, but it listens as to a guard/,
  },
  {
    check: 'hooks',
    what: 'a hook of somebody it does not name',
    definition: "taps: [on(hook.signal('stranger.came@1'), () => {})],",
    says: /belongs to stranger/,
  },
  {
    check: 'pages',
    what: 'a permission that nobody declares, and a menu entry to nowhere',
    definition: `contributes: [page({ path: '/sample/', permission: 'sample.unknown', load: async () => view('show', t('Sample')) }),
      menuEntry({ area: 'main', label: t('Sample'), href: '/nowhere/', icon: 'puzzle', permission })],`,
    says: /unknown permission sample\.unknown[\s\S]*leads to no page/,
  },
  {
    check: 'pages',
    what: 'a page that writes while it is read',
    definition: `contributes: [page({ path: '/sample/', permission, load: async ({ context }) => {
      await context.data.execute('insert into sample_thing (id) values (null)'); return view('show', t('Sample')); } })],`,
    says: /reading \/sample\/ changes something: insert into sample_thing/,
  },
  {
    check: 'endpoints',
    what: 'an answer that was not declared, an unknown permission and no summary',
    definition: `contributes: [
      endpoint({ method: 'GET', path: '/things/', permission, summary: t('Look'), returns: { id: z.int() }, run: async () => ({ id: 'one' }) }),
      endpoint({ method: 'DELETE', path: '/things/:id/', permission: 'sample.unknown', summary: '', run: async () => undefined }),
    ],`,
    says: /GET \/things\/ answers 500: .*returns[\s\S]*DELETE \/things\/:id\/ has no summary[\s\S]*unknown permission sample\.unknown/,
  },
  {
    check: 'tabs',
    what: 'a tab that needs a subject where there is none',
    definition: 'contributes: [TAB(async ({ subject }) => ({ note: subject.name }))],',
    says: /the tab sample fails: .*undefined/,
  },
  {
    check: 'deprecations',
    what: 'a listener to a hook that will go, as a warning',
    code: "const OLD = sdk.deprecated(sdk.accountCreated, { since: '1.1.0', gone: '2.0.0', use: 'host.account-created@2' });",
    definition: 'taps: [on(OLD, () => {})],',
    says: /^host\.account-created@1 is deprecated since 1\.1\.0 and gone in 2\.0\.0: use host\.account-created@2$/,
    isWarning: true,
  },
  {
    check: 'deadlines',
    what: 'a listener that never ends',
    definition: 'taps: [on(domainCreated, () => new Promise(() => {}))],',
    says: /admin\.domain-created@1 still runs/,
  },
  {
    check: 'texts',
    what: 'a sentence that its catalogue lacks, and one that none can have',
    code: "const wrong = [t('Nobody translated this'), t('So ' + Date.now())];",
    says: /no catalogue can have this[\s\S]*fr\.json: missing: Nobody translated this/,
  },
  {
    check: 'uninstall',
    what: 'a file, a row and a table that stay',
    definition: `async firstEnable(context) {
        writeFileSync(join(context.get(instance).directory, 'sample.txt'), 'here I am');
        await context.get(domains).create(context.system, { name: 'sample.test' }); },
      migrations: [TABLE, migration({ name: 'sample/0002-more', up: (ddl) => ddl.createTable('sample_more', { columns: { id: { type: 'id' } } }), down: () => [] })],`,
    says: /left: table sample_more[\s\S]*left: 1 rows in admin_domain[\s\S]*left: file sample\.txt/,
  },
  {
    check: 'balance',
    what: 'a timer that nothing ends',
    definition: 'async start() { setInterval(() => {}, 60_000).unref(); return undefined; },',
    says: /Timeout made at index\.js:\d+ is still there/,
  },
  {
    check: 'optional-peers',
    what: 'an optional peer that it cannot do without',
    block: { requires: {}, optional: { admin: '^0.1.0' } },
    definition: `requires: {}, optional: { admin: '^0.1.0' }, taps: [], contributes: [SHOW],
      async start(context) { context.get(domains); return undefined; },`,
    says: /^without any: .*admin\.domains@1/,
  },
  {
    check: 'accessible',
    what: 'a view with an inline style, a field without a label and a second heading',
    files: {
      'views/show.eta': `<% layout('host:page') %>\n<h1 style="color: red">Again</h1><form><input name="q"></form><img src="/x.png">\n`,
    },
    says: /not exactly one first heading[\s\S]*inline style[\s\S]*no alt text[\s\S]*the field q has no label/,
  },
  {
    check: 'quality',
    what: 'claims that do not hold',
    files: {
      'quality.json': JSON.stringify({
        tier: 'silver',
        tests: ['test'],
        documents: 'README.md',
        rules: {
          bronze: { conformance: 'done', tests: 'done', documented: 'done' },
          silver: {
            translated: 'done',
            'clear-errors': 'todo',
            databases: 'exempt: one is enough',
            'all-doors': 'done',
          },
          gold: { endpoints: 'todo', repairs: 'todo', upgrades: 'todo', measured: 'todo' },
        },
      }),
      'test/sample.test.js': "import { it } from 'vitest';\nit('works', () => {});\n",
      'locales/fr.json': JSON.stringify({ Look: 'Regarder' }),
    },
    says: /its tier is silver, but its rules make it bronze[\s\S]*conformance: no test[\s\S]*documented: README\.md says nothing[\s\S]*translated: fr\.json: missing/,
  },
  {
    check: 'quality',
    what: 'rules that are not the rules',
    files: {
      'quality.json': JSON.stringify({
        tier: 'gold',
        tests: ['test'],
        documents: 'README.md',
        rules: { bronze: { conformance: 'surely' }, silver: {}, gold: { pretty: 'done' } },
      }),
    },
    says: /rules\.bronze\.conformance: is `done`, `todo` or[\s\S]*rules\.gold/,
  },
];

describe('conformance', () => {
  it('has an example against every check', () => {
    expect(new Set(broken.map(({ check }) => check))).toEqual(new Set(checks.map(({ id }) => id)));
    for (const { name, mend } of checks) expect([name.length, mend.length].every((n) => n > 20)).toBe(true);
  });

  it('is listed in the documents for authors, check by check', async () => {
    const text = await readFile(new URL('../../docs/authors/testing.md', import.meta.url), 'utf8');
    const listed = [...text.matchAll(/^\| `([\w-]+)` \| /gm)].map(([, id]) => id);
    expect(listed.sort()).toEqual(checks.map(({ id }) => id).sort());
  });

  it('finds nothing in an extension that is as it should be', async () => {
    await using sound = await fixture({});
    const results = await checkConformance(sound.folder, { dialects: ['sqlite'] });
    expect(results.filter(({ findings }) => findings.length > 0)).toEqual([]);
    expect(results.filter(({ skipped }) => skipped !== undefined).map(({ id }) => id)).toEqual([
      'endpoints',
      'optional-peers',
      'quality',
    ]);
  });

  it('leaves out what is exempt, and says why', async () => {
    await using bad = await fixture({ manifest: { license: '' } });
    const o = { only: ['package'], exempt: { package: 'nobody sells it' } } as const;
    expect(await checkConformance(bad.folder, o)).toEqual([
      { id: 'package', findings: [], skipped: 'nobody sells it' },
    ]);
  });

  it('calls endpoints as it was told, the allowed after the others', async () => {
    await using sound = await fixture({
      code: 'const gone = [];',
      definition: `contributes: [
        endpoint({ method: 'DELETE', path: '/things/:id/', permission, summary: t('Look'), run: async ({ params }) => void gone.push(params.id) }),
        endpoint({ method: 'POST', path: '/things/', permission, summary: t('Look'), body: { name: field.string({ label: t('Note'), min: 1 }) },
          returns: { name: z.string() }, status: 201, run: async ({ body }) => ({ name: body.name }) }),
        endpoint({ method: 'GET', path: '/gone/', permission: 'signed-in', summary: t('Look'), returns: z.array(z.string()), run: async () => gone }),
      ],`,
    });
    const look = async (calls: Prepared['calls']) =>
      (await checkConformance(sound.folder, { only: ['endpoints'], prepare: async () => ({ calls: calls ?? {} }) }))[0];
    const post = { body: { name: 'one' } };
    expect((await look({ 'POST /things/': post, 'DELETE /things/:id/': { params: { id: '7' } } }))?.findings).toEqual(
      [],
    );
    expect((await look({ 'POST /things/': { body: { name: '' } } }))?.findings.join()).toMatch(
      /POST \/things\/ answers 4\d\d/,
    );
  });

  it.each(broken)('$check finds $what', async ({ check, says, isWarning = false, ...f }) => {
    await using bad = await fixture(f);
    const [result] = await checkConformance(bad.folder, { only: [check], dialects: ['sqlite'] });
    expect((isWarning ? result?.warnings : result?.findings)?.join('\n')).toMatch(says);
    if (isWarning) expect(result?.findings).toEqual([]);
  });
});

it('the rules of quality are listed in the documents for authors', async () => {
  const text = await readFile(new URL('../../docs/authors/quality.md', import.meta.url), 'utf8');
  const listed = [...text.matchAll(/^\| (\w+) \| `([\w-]+)` \| (.+?) \| /gm)].map(([, ...cells]) => cells);
  const rules = Object.entries(QUALITY_RULES).flatMap(([tier, own]) =>
    Object.entries(own).map(([rule, what]) => [tier, rule, what]),
  );
  expect(listed).toEqual(rules);
});
