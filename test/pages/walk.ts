import { type Contributed, defineExtension, field, type Page, pages, parameterForm, parameters } from '@posthorn/sdk';
import { UploadStore } from '../../core/src/import-export/upload-store.js';
import { enqueueUpload } from '../../core/src/pages/import-page.js';
import { addReseller, type Bench, populate } from '../admin/fixture.js';

/** Every page that anybody contributes; a new one is walked from the day it exists. */
export const allPages = (b: Bench): readonly Page[] =>
  (b.host.kernel.generation.slots.items(pages.id) as readonly Contributed<Page>[]).map(({ item }) => item);

/** Has preferences, so that their page is there to be looked at. */
export const taste = defineExtension({
  id: 'taste',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Taste',
  parameters: [
    parameterForm(
      parameters('taste', 'user', { sweet: field.boolean({ label: 'Sweet' }).default(true) }, { title: 'Taste' }),
    ),
  ],
});

/** What is asked for by a script and what is given as a file. */
export const isNoPage = (path: string): boolean =>
  path === '/palette/' || path.endsWith('/report/') || path.endsWith('/verdicts/') || path.includes('/export/');

/** Something of every kind that pages are about; where the paths that name one begin, and its name. */
export async function populateAll(b: Bench): Promise<Readonly<Record<string, string>>> {
  await populate(b);
  await addReseller(b);
  await b.domains.create(await b.actor('reseller'), { name: 'reseller.test' });
  const domainAlias = await b.domainAliases.create(b.system, { name: 'also.test', target: 'test.com' });
  await b.aliases.create(b.system, { address: 'thrown-away@test.com', recipients: ['user@test.com'] });
  await b.aliases.remove(b.system, 'thrown-away@test.com');
  const [thrownAway] = await b.sql<{ id: number }>('select max(id) as id from admin_trash');
  const job = await b.host.kernel.jobs.driver.enqueue({
    extension: 'core',
    name: 'purge-jobs',
    queue: 'default',
    payload: '{}',
    priority: 0,
  });
  return {
    '/admin/domains/:name/': 'test.com',
    '/admin/accounts/:id/': String((await b.mailboxes.show(b.system, 'user@test.com')).pk),
    '/admin/aliases/:id/': String((await b.aliases.show(b.system, 'forward@test.com')).pk),
    '/admin/domainaliases/:id/': String(domainAlias.pk),
    '/admin/trash/:id/': String(thrownAway?.id),
    '/core/imports/:token/': await sendFile(b),
    '/core/jobs/:id/': String(job),
    '/core/letters/:template/': 'core.job-ended',
    '/user/preferences/:extension/': 'taste',
    '/core/extensions/:id/': 'admin',
    '/core/parameters/:extension/': 'admin',
  };
}

/** A file that `admin` has sent to be imported, and that was tried: a row that fits and one that does not. */
async function sendFile(b: Bench): Promise<string> {
  const { kernel } = b.host;
  const store = new UploadStore(kernel.config.directory);
  const token = await store.keep(Buffer.from('domain;sent.example;0;0;True\ndomain;test.com;0;0;maybe\n'));
  const sender = await kernel.accounts.findByUsername('admin');
  if (sender === null) throw new Error('there is no account admin');
  const checkJob = await enqueueUpload(kernel, { token, isDryRun: true }, await b.actor('admin'));
  const wish = { separator: ';', isPerRow: false, continueIfExists: false, areClearPasswords: false };
  const upload = { accountId: sender.id, name: 'sent.csv', title: 'Import domains', back: '/admin/domains/', checkJob };
  await store.write(token, { ...upload, wish } as never);
  await kernel.jobs.runner(['default']).drain();
  return token;
}

/** A path with something that exists in the place of each name, where an example is known. */
export function addressOf(path: string, examples: Readonly<Record<string, string>>): string {
  const known = Object.entries(examples).find(([start]) => path.startsWith(start));
  const filled = known === undefined ? path : path.replace(known[0], known[0].replace(/:\w+/, known[1]));
  return filled.replace(':language', 'en').replace(/:\w+/g, '1');
}
