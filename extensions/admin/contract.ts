/**
 * The public face of `admin`: entity classes, references and types, and the pieces of SQL that every lookup table needs.
 * Other extensions import only this.
 */
export { Alias, AliasRecipient, AliasRecipientSchema, AliasSchema } from './contract/alias.js';
export { hasDeliveryName } from './contract/delivery-name.js';
export { DnsblResult, DnsblResultSchema, MxRecord, MxRecordSchema } from './contract/dns-records.js';
export { DOMAIN_TYPES, Domain, DomainSchema, type DomainType } from './contract/domain.js';
export { DomainAlias, DomainAliasSchema } from './contract/domain-alias.js';
export type * from './contract/explanation.js';
export {
  accountEditor,
  accountWizard,
  aliasEditor,
  domainEditor,
  domainWizard,
  randomAliasEditor,
} from './contract/forms.js';
export * from './contract/hooks.js';
export type * from './contract/inputs.js';
export {
  accountActions,
  accountColumns,
  accountFilters,
  domainActions,
  domainColumns,
  domainFilters,
  type IdentityRef,
  REGIONS,
} from './contract/lists.js';
export { Mailbox, MailboxSchema } from './contract/mailbox.js';
export { MailboxOperation, MailboxOperationSchema, type MailboxOperationType } from './contract/mailbox-operation.js';
export {
  answered as mapAnswer,
  asked as mapKey,
  forEach as mapQuery,
  isTrue as mapTrue,
  localPart as mapLocalPart,
} from './contract/map-text.js';
export { DOMAIN_ADMINS, DOMAIN_KIND, RESELLERS, SIMPLE_USERS } from './contract/names.js';
export { adminParameters } from './contract/parameters.js';
export { type PostfixSetting, postfixSetting, postfixSettings } from './contract/postfix-settings.js';
export { Quota, QuotaSchema } from './contract/quota.js';
export {
  type AddressResolver,
  addressResolver,
  addressResolvers,
  type LastAddress,
  type Outcome,
  type Resolution,
  type ResolutionStep,
  type StepKind,
  type StepMark,
} from './contract/resolution.js';
export { SenderAddress, SenderAddressSchema } from './contract/sender-address.js';
export {
  type Aliases,
  aliases,
  type DomainAliases,
  type Domains,
  domainAliases,
  domains,
  type Explanations,
  explanations,
  type Forwarding,
  type Forwards,
  forwards,
  type Mailboxes,
  mailboxes,
  type Resolutions,
  resolutions,
  type SenderAddresses,
  senderAddresses,
  type Trash,
  trash,
} from './contract/services.js';
export { sortKey } from './contract/sort-key.js';
export {
  type Restored,
  TRASH_KINDS,
  type TrashFilter,
  type TrashKind,
  type TrashPart,
  type TrashView,
  trashPart,
  trashParts,
} from './contract/trash.js';
export type * from './contract/views.js';
