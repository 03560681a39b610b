import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Fixture {
  /** Members of the definition, replacing those of the sound one. */
  readonly definition?: string;
  /** Code before the definition. */
  readonly code?: string;
  /** Written over package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Written over the posthorn block. */
  readonly block?: Readonly<Record<string, unknown>>;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

const MANIFEST = {
  name: 'posthorn-sample',
  version: '1.0.0',
  description: 'A sample.',
  license: 'MIT',
  keywords: ['posthorn-extension'],
  type: 'module',
  exports: { '.': './index.js', './package.json': './package.json' },
  files: ['index.js', 'views', 'locales'],
  engines: { node: '>=24' },
  peerDependencies: { '@posthorn/admin': '^0.1.0', '@posthorn/sdk': '^1.0.0' },
};

const moduleText = ({ code = '', definition = '' }: Fixture): string => `
import * as sdk from '@posthorn/sdk';
import { domainEditor, domainCreated, domains } from '@posthorn/admin/contract';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
const { action, command, defineExtension, endpoint, field, formTab, hook, instance, menuEntry, messages, migration, on, page, provide, service, view, z } = sdk;
const t = messages('sample');
const permission = 'sample.look';
const SHOW = page({ path: '/sample/', permission, load: async () => view('show', t('Sample'), {}) });
const TABLE = migration({
  name: 'sample/0001-initial',
  up: (ddl) => ddl.createTable('sample_thing', { columns: { id: { type: 'id' } } }),
  down: (ddl) => ddl.dropTable('sample_thing'),
});
const TAB = (load) => formTab(domainEditor, {
  id: 'sample', title: t('Sample'), shape: { note: field.string({ label: t('Note') }).default('') }, load, save: async () => undefined,
});
const SOUND = [
  SHOW,
  menuEntry({ area: 'main', label: t('Sample'), href: '/sample/', icon: 'puzzle', permission }),
  TAB(async () => ({ note: '' })),
];
${code}
export default defineExtension({
  id: 'sample', version: '1.0.0', sdk: '^1.0.0', title: t('Sample'),
  requires: { admin: '^0.1.0' },
  permissions: { 'sample.look': { label: t('Look'), roles: ['SuperAdmins'] } },
  migrations: [TABLE],
  taps: [on(domainCreated, async () => {})],
  contributes: SOUND,
  views: new URL('./views/', import.meta.url),
  locales: new URL('./locales/', import.meta.url),
  async start() { const timer = setInterval(() => {}, 60_000); return { [Symbol.asyncDispose]: async () => clearInterval(timer) }; },
  ${definition}
});
`;

/** Writes a package that passes every check, but for what is asked for. Gone when it is disposed. */
export async function fixture(f: Fixture): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'posthorn-sample-')));
  const block = { id: 'sample', sdk: '^1.0.0', entry: './index.js', requires: { admin: '^0.1.0' }, ...f.block };
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ ...MANIFEST, posthorn: block, ...f.manifest }),
    'index.js': moduleText(f),
    'views/show.eta': `<% layout('host:page') %>\n<p><%= it.t('Sample') %></p>\n`,
    'locales/fr.json': JSON.stringify({ Look: 'Regarder', Note: 'Note', Sample: 'Exemple' }),
    ...f.files,
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await mkdir(join(folder, 'node_modules', '@posthorn'), { recursive: true });
  for (const [name, at] of Object.entries({ sdk: 'sdk', admin: 'extensions/admin' }))
    await symlink(join(root, at), join(folder, 'node_modules', '@posthorn', name));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
