import {
  type Dialect,
  type ExtensionContext,
  type FileSet,
  fileSets,
  type GeneratedFile,
  generatedFiles,
  type MapFile,
  mapFiles,
} from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { type PostfixSetting, postfixSettings } from '../contract/postfix-settings.js';
import { postfixFiles } from './contributions.js';
import { isPlainPath } from './plain-path.js';

const itemsOf = <Item>(slot: { readonly id: string }): Item[] =>
  postfixFiles.filter((one) => one.slot.id === slot.id).map((one) => one.item as Item);

describe('lookup tables for Postfix', () => {
  it('have the names that a main.cf may hold already', () => {
    expect(itemsOf<MapFile>(mapFiles).map(({ name }) => name)).toEqual([
      'sql-domains.cf',
      'sql-domain-aliases.cf',
      'sql-aliases.cf',
      'sql-maintain.cf',
      'sql-sender-login-map.cf',
    ]);
    const [set] = itemsOf<FileSet>(fileSets);
    expect([set?.id, set?.checksumFile, set?.group]).toEqual(['maps', 'modoboa-postfix-maps.chk', 'postfix']);
  });

  it('are one statement each, on one line, without what one database does not know', () => {
    for (const { query } of itemsOf<MapFile>(mapFiles)) {
      for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
        const sql = query[dialect];
        expect(sql).toMatch(/^SELECT [^;\n]+$/);
        expect(sql).not.toMatch(/^\(|UNION \(/);
      }
      expect(query.sqlite).not.toMatch(/\bnow\(\)|utc_timestamp|concat\(/);
      expect(query.mariadb).not.toMatch(/\bnow\(\)|\|\|/);
    }
  });

  it('never use %u where the key may be @domain, since Postfix then does not ask at all', () => {
    const asked = itemsOf<MapFile>(mapFiles).filter(({ name }) => name !== 'sql-maintain.cf');
    for (const { query } of asked) expect(Object.values(query).join()).not.toContain('%u');
  });
});

describe('the example for main.cf', () => {
  const example = itemsOf<GeneratedFile>(generatedFiles)[0] as GeneratedFile;
  const settings: PostfixSetting[] = [];
  const render = (dialect: Dialect, directory = '/etc/postfix/maps') =>
    String(
      example.render({
        database: { dialect, path: '', host: '', port: 0, socket: '', user: '', password: '', name: '' },
        directory,
        options: {},
        previous: undefined,
        context: {
          items: ({ id }: { readonly id: string }) => [
            ...itemsOf<MapFile>({ id }).map((item) => ({ from: 'admin', item })),
            ...(id === mapFiles.id ? [{ from: 'x', item: { set: 'maps', name: 'sql-x.cf', summary: 'Of x' } }] : []),
            ...(id === postfixSettings.id ? settings.map((item) => ({ from: 'y', item })) : []),
          ],
        } as unknown as ExtensionContext,
      }),
    );

  it('reads server databases through proxy:, and the SQLite file directly', () => {
    expect(render('sqlite')).toContain('virtual_mailbox_domains = sqlite:/etc/postfix/maps/sql-domains.cf\n');
    expect(render('postgresql')).toContain('virtual_alias_maps = proxy:pgsql:/etc/postfix/maps/sql-aliases.cf\n');
    expect(render('mariadb')).toContain('check_recipient_access proxy:mysql:/etc/postfix/maps/sql-maintain.cf\n');
  });

  it('names the tables of other extensions', () => {
    expect(render('sqlite')).toContain('#   sqlite:/etc/postfix/maps/sql-x.cf  Of x');
  });

  it('holds what other extensions add: recipients are checked before they are verified', () => {
    settings.push(
      { name: 'transport_maps', value: (table) => table('sql-x.cf'), note: 'Where it goes' },
      { name: 'transport_maps', value: () => 'hash:/etc/postfix/transport' },
      { name: 'smtpd_recipient_restrictions', value: (table) => `check_recipient_access ${table('sql-y.cf')}` },
    );
    const text = render('sqlite');
    expect(text).toContain(
      '\n# Where it goes\ntransport_maps =\n    sqlite:/etc/postfix/maps/sql-x.cf\n    hash:/etc/postfix/transport\n',
    );
    expect(text).toContain(
      '    reject_unauth_destination\n    check_recipient_access sqlite:/etc/postfix/maps/sql-y.cf\n    reject_unverified_recipient\n',
    );
    expect(text).not.toContain('Tables of other extensions');
    settings.length = 0;
  });

  it('is refused for a directory that main.cf cannot name', () => {
    expect(() => render('sqlite', '/etc/my maps')).toThrow(/cannot stand/);
  });
});

describe('plain paths', () => {
  it.each([
    ['/etc/postfix', true],
    ['/srv/a.b_c-d/e@f+g=h', true],
    ['relative', false],
    ['/', false],
    ['/a/', false],
    ['/a//b', false],
    ['/a/../b', false],
    ['/a/./b', false],
    ['/a,b', false],
    ['/a b', false],
    ['/a$b', false],
    ['/a%b', false],
    ["/a'b", false],
    ['/a\n', false],
  ])('%j: %s', (path, isPlain) => {
    expect(isPlainPath(path)).toBe(isPlain);
  });
});
