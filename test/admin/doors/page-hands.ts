import type { Fields } from '../../kit/src/host/page.js';
import type { Visitor } from '../../kit/src/host/visitor.js';
import { type AccountValues, type AdminHands, type DomainValues, ELSEWHERE, type Reach } from './hands.js';
import { byPage, type Said } from './said.js';

/** The path of a form and what is typed into it; a page without the form is answered for as it is. */
export async function sendForm(visitor: Visitor, path: string, fields: Fields): Promise<Said> {
  const page = await visitor.get(path);
  return byPage(page.status === 200 ? await page.form(path).submit(fields) : page);
}

/** Undefined leaves a box unticked. */
export const box = (isTicked: boolean | undefined): string | undefined => (isTicked === false ? undefined : 'true');
/** Without what nobody types: an untouched field is sent as it was. */
const typed = (fields: Fields, values: object): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(values, name.replace(/^.*\./, ''))));

const domainFields = (values: DomainValues & { readonly name?: string }): Fields =>
  typed(
    {
      'general.name': values.name,
      'general.type': values.type,
      'general.enabled': box(values.enabled),
      'general.quota': String(values.quota),
      'general.default_mailbox_quota': String(values.default_mailbox_quota),
    },
    values,
  );

const accountFields = ({ quota, ...values }: AccountValues): Fields => ({
  ...typed(
    {
      'general.username': values.username,
      'general.role': values.role,
      'general.first_name': values.first_name,
    },
    values,
  ),
  ...(quota === undefined ? {} : { 'mail.use_domain_quota': undefined, 'mail.quota': String(quota) }),
});

export const pageHands: Reach<AdminHands> = (b, username) => {
  let known: Promise<Visitor> | undefined;
  const visitor = (): Promise<Visitor> => {
    known ??= b.host.as(username);
    return known;
  };
  const send = async (path: string, fields: Fields) => sendForm(await visitor(), path, fields);
  const remove = (path: string, confirmation: string) => send(`${path}delete/`, { confirmation });
  const account = async (name: string) => `/admin/accounts/${(await b.mailboxes.show(b.system, name)).pk}/`;
  const alias = async (address: string) => `/admin/aliases/${(await b.aliases.show(b.system, address)).pk}/`;
  const removeDomainAlias = async (name: string) =>
    remove(`/admin/domainaliases/${(await b.domainAliases.show(b.system, name)).pk}/`, name);
  const domain = (name: string) => `/admin/domains/${name}/`;
  return {
    domain: (name, values) => send('/admin/domains/new/', domainFields({ ...values, name })),
    changeDomain: (name, values) => send(`${domain(name)}edit/`, domainFields(values)),
    removeDomain: (name) => remove(domain(name), name),
    domainAlias: (name, target) => send('/admin/domainaliases/new/', { name, target }),
    async renameDomainAlias(name, to) {
      const { target_name: target } = await b.domainAliases.show(b.system, name);
      const said = await removeDomainAlias(name);
      return said.code === 'accepted' ? send('/admin/domainaliases/new/', { name: to, target }) : said;
    },
    removeDomainAlias,
    account: (name, { domains = [], ...values } = {}) =>
      send('/admin/accounts/new/', {
        ...accountFields({ ...values, username: name }),
        'general.random_password': 'true',
        'mail.has_mailbox': box(values.role === undefined || values.quota !== undefined),
        'mail.domains': domains.join('\n'),
      }),
    changeAccount: async (key, values) => send(`${await account(key)}edit/`, accountFields(values)),
    removeAccount: async (key) => remove(await account(key), key),
    alias: (address, recipient = ELSEWHERE) =>
      send('/admin/aliases/new/', { 'general.address': address, 'general.recipients': recipient }),
    changeAlias: async (address, to) => send(`${await alias(address)}edit/`, { 'general.address': to }),
    removeAlias: async (address) => remove(await alias(address), address),
  };
};
