import {
  afterMigration,
  type Contribution,
  contribute,
  defineExtension,
  messages,
  parameterForm,
  provide,
} from '@posthorn/sdk';
import { adminAudit } from './audit/contributions.js';
// Theirs: what the command line, the mail server's files and `posthorn check` get from here.
import { adminChecks } from './checks/contributions.js';
import { adminCommands } from './commands/contributions.js';
import { AliasRecipientSchema, AliasSchema } from './contract/alias.js';
import { DnsblResultSchema, MxRecordSchema } from './contract/dns-records.js';
import { DomainSchema } from './contract/domain.js';
import { DomainAliasSchema } from './contract/domain-alias.js';
import { MailboxSchema } from './contract/mailbox.js';
import { MailboxOperationSchema } from './contract/mailbox-operation.js';
import { adminParameters } from './contract/parameters.js';
import { QuotaSchema } from './contract/quota.js';
import { SenderAddressSchema } from './contract/sender-address.js';
import {
  aliases,
  domainAliases,
  domains,
  explanations,
  forwards,
  mailboxes,
  resolutions,
  senderAddresses,
  trash,
} from './contract/services.js';
import { adminEndpoints } from './endpoints/contributions.js';
import { ExplanationService } from './explainer/explanation-service.js';
import { adminExporters } from './import-export/exporters.js';
import { adminImporters } from './import-export/importers.js';
import { bulkChange } from './jobs/bulk-change.js';
import { cleanInactiveAccounts } from './jobs/clean-inactive-accounts.js';
import { mailboxDirectories } from './jobs/mailbox-directories.js';
import { mailboxUse } from './jobs/mailbox-use.js';
import { purgeTrash } from './jobs/purge-trash.js';
import { quotaWarnings } from './jobs/quota-warnings.js';
import { refreshForwards } from './jobs/refresh-forwards.js';
import { adminLetters } from './letters/templates.js';
import { mailServerFiles } from './maps/contributions.js';
import { initial } from './migrations/0001-initial.js';
import { search } from './migrations/0002-search.js';
import { trashTables } from './migrations/0010-trash.js';
import { quotaWarningTable } from './migrations/0020-quota-warnings.js';
import { listTables } from './migrations/0025-lists.js';
import { refusesMail } from './migrations/0029-refuses-mail.js';
import { owners } from './migrations/0030-owners.js';
import { searchApart } from './migrations/0031-search-apart.js';
import { adminPages } from './pages/contributions.js';
import { claimedPermissions, permissions } from './policy/permissions.js';
import { roleContributions } from './policy/roles.js';
import { tokenContributions } from './policy/token-scopes.js';
import { ResolverService } from './resolver/resolver-service.js';
import { AccountService } from './services/account-service.js';
import { AliasService } from './services/alias-service.js';
import { DomainAliasService } from './services/domain-alias-service.js';
import { DomainService } from './services/domain-service.js';
import { ForwardService } from './services/forward-service.js';
import { SenderAddressService } from './services/sender-address-service.js';
import { TrashService } from './services/trash-service.js';
import { adminTabs } from './tabs/contributions.js';
import { removeMailboxesOfLeaving } from './taps/account-leaving.js';

const t = messages('admin');

const contributes: readonly Contribution[] = [
  ...roleContributions,
  ...adminCommands,
  ...mailServerFiles,
  ...adminChecks,
  ...adminTabs,
  ...adminPages,
  ...adminEndpoints,
  ...tokenContributions,
  ...adminImporters,
  ...adminExporters,
  ...adminAudit,
  refreshForwards,
  purgeTrash,
  mailboxDirectories,
  bulkChange,
  mailboxUse,
  quotaWarnings,
  cleanInactiveAccounts,
  ...adminLetters,
  // An open SQLite connection of Dovecot fails once after the schema changed (SQLITE_SCHEMA).
  contribute(afterMigration, t('Dovecot must look at the database anew: doveadm reload')),
];

/** Mail domains with their mailboxes, aliases and sender addresses, in the tables that the mail servers read. */
export default defineExtension({
  id: 'admin',
  version: '0.1.0',
  sdk: '^1.0.0',
  title: t('Administration'),
  description: t('Domains, mailboxes, aliases and sender addresses.'),
  claims: {
    tables: ['modoboa_admin_aliasrecipient'],
    permissions: ['core.add_user', 'core.change_user', 'core.delete_user', 'core.view_audit'],
    commands: [
      'access',
      'account',
      'alias',
      'domain',
      'domainalias',
      'dovecot',
      'maps',
      'resolve',
      'senderaddress',
      'session',
      'trash',
    ],
    endpoints: ['domains', 'domainaliases', 'accounts', 'aliases', 'senderaddresses'],
    imports: ['account', 'alias', 'dlist', 'domain', 'domainalias', 'forward'],
  },
  parameters: [parameterForm(adminParameters)],
  permissions,
  claimedPermissions,
  entities: [
    DomainSchema,
    DomainAliasSchema,
    MailboxSchema,
    AliasSchema,
    AliasRecipientSchema,
    SenderAddressSchema,
    QuotaSchema,
    MailboxOperationSchema,
    MxRecordSchema,
    DnsblResultSchema,
  ],
  migrations: [initial, search, trashTables, quotaWarningTable, listTables, refusesMail, owners, searchApart],
  services: [
    provide(domains, (context) => new DomainService(context)),
    provide(domainAliases, (context) => new DomainAliasService(context)),
    provide(mailboxes, (context) => new AccountService(context)),
    provide(aliases, (context) => new AliasService(context)),
    provide(forwards, (context) => new ForwardService(context)),
    provide(senderAddresses, (context) => new SenderAddressService(context)),
    provide(trash, (context) => new TrashService(context)),
    provide(explanations, (context) => new ExplanationService(context)),
    provide(resolutions, (context) => new ResolverService(context)),
  ],
  taps: [removeMailboxesOfLeaving],
  contributes,
  // Beside dist, where this file runs.
  views: new URL('../views/', import.meta.url),
  locales: new URL('../locales/', import.meta.url),
});
