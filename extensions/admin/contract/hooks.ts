/**
 * Where other extensions take part. Events are plain data, so that signals can be stored and repeated; those about one
 * object are delivered in order.
 */
import { type Actor, type ExportCell, hook } from '@posthorn/sdk';
import type { DomainType } from './domain.js';
import type { DomainQuery } from './inputs.js';
import type { TrashKind } from './trash.js';
import type { AccountView, DomainView } from './views.js';

export type ObjectKind = 'domain' | 'domain-alias' | 'mailbox' | 'alias' | 'sender-address' | 'domain-admin';

export interface DomainRef {
  readonly pk: number;
  readonly name: string;
}

export interface CreationRequest {
  readonly actor: Actor;
  readonly kind: ObjectKind;
  /** How many at once. */
  readonly count: number;
  /** They exist already and come from another domain. */
  readonly isMove?: true;
  /** The domain that they belong to; absent for a new domain. */
  readonly domain?: DomainRef;
  /** Of a new domain; absent where several of any type come back from the trash. */
  readonly type?: DomainType;
}
/** May these be created? Called inside the transaction, before anything is written; by an explanation, nothing is. */
export const mayCreate = hook.guard<CreationRequest>('admin.may-create@1');

export interface QuotaRequest {
  readonly actor: Actor;
  readonly of: 'domain' | 'mailbox';
  /** Absent for a domain that is being created. */
  readonly domain?: DomainRef;
  /** Megabytes, 0 means without limit. */
  readonly quota: number;
  readonly default_mailbox_quota?: number;
  /** The quota so far; 0 for something new. */
  readonly previous: number;
  /** Of a mailbox: what its domain has, 0 means without limit. */
  readonly domain_quota?: number;
}
/** May this quota be given? Called inside the transaction, on creation and when the quota changes. */
export const mayGiveQuota = hook.guard<QuotaRequest>('admin.may-give-quota@1');

/** Narrows what an actor sees of domains. */
export const domainQuery = hook.filter<{ readonly actor: Actor }, DomainQuery>('admin.domain-query@1');

export interface RecipientQuestion {
  readonly address: string;
  readonly domain: DomainRef & { readonly type: DomainType };
}
/** Whether a recipient in one of our domains that is neither mailbox nor alias is delivered by somebody else. */
export const externalRecipient = hook.first<RecipientQuestion, boolean>('admin.external-recipient@1');

export interface Happening {
  readonly actor: { readonly id: number | null; readonly username: string };
}
export interface DomainEvent extends Happening {
  readonly domain: DomainRef;
}
const ofDomain = { subject: ({ domain }: DomainEvent) => `admin.domain/${domain.pk}` };
export const domainCreated = hook.signal<DomainEvent>('admin.domain-created@1', ofDomain);
/** `fields`: the names of what changed. */
export const domainChanged = hook.signal<DomainEvent & { readonly fields: readonly string[] }>(
  'admin.domain-changed@1',
  ofDomain,
);
/** Everything inside was renamed with it; no signal is sent for each mailbox or alias. */
export const domainRenamed = hook.signal<DomainEvent & { readonly from: string }>('admin.domain-renamed@1', ofDomain);
/** Everything inside went with it; no signal is sent for each mailbox or alias. */
export const domainDeleted = hook.signal<DomainEvent & { readonly mailboxes: number }>(
  'admin.domain-deleted@1',
  ofDomain,
);

export interface DomainChanging {
  readonly actor: Actor;
  /** As it is from now on. */
  readonly domain: DomainRef & { readonly type: DomainType };
  /** As it was. */
  readonly before: DomainRef & { readonly type: DomainType };
}
/**
 * Inside the transaction that gives a domain another name or type, after its rows were written: rows that follow it
 * follow now, since a mail server may read them in the next moment. A guard, because a domain must not change while
 * something of it stays behind.
 */
export const domainChanging = hook.guard<DomainChanging>('admin.domain-changing@1');

export interface DomainAliasEvent extends Happening {
  readonly domain_alias: { readonly pk: number; readonly name: string };
  readonly target: DomainRef;
}
const ofDomainAlias = { subject: (e: DomainAliasEvent) => `admin.domain-alias/${e.domain_alias.pk}` };
export const domainAliasCreated = hook.signal<DomainAliasEvent>('admin.domain-alias-created@1', ofDomainAlias);
/** `from`: the name before. */
export const domainAliasChanged = hook.signal<DomainAliasEvent & { readonly from: string }>(
  'admin.domain-alias-changed@1',
  ofDomainAlias,
);
export const domainAliasDeleted = hook.signal<DomainAliasEvent>('admin.domain-alias-deleted@1', ofDomainAlias);

export interface MailboxEvent extends Happening {
  readonly account: { readonly pk: number; readonly username: string };
  readonly mailbox: { readonly pk: number; readonly full_address: string };
  readonly domain: DomainRef;
}
const ofMailbox = { subject: ({ mailbox }: MailboxEvent) => `admin.mailbox/${mailbox.pk}` };
export const mailboxCreated = hook.signal<MailboxEvent>('admin.mailbox-created@1', ofMailbox);
export const mailboxRenamed = hook.signal<MailboxEvent & { readonly from: string }>(
  'admin.mailbox-renamed@1',
  ofMailbox,
);
export const mailboxDeleted = hook.signal<MailboxEvent>('admin.mailbox-deleted@1', ofMailbox);

export interface AliasEvent extends Happening {
  readonly alias: { readonly pk: number; readonly address: string };
}
const ofAlias = { subject: ({ alias }: AliasEvent) => `admin.alias/${alias.pk}` };
export const aliasCreated = hook.signal<AliasEvent>('admin.alias-created@1', ofAlias);
export const aliasChanged = hook.signal<AliasEvent & { readonly fields: readonly string[] }>(
  'admin.alias-changed@1',
  ofAlias,
);
export const aliasDeleted = hook.signal<AliasEvent>('admin.alias-deleted@1', ofAlias);

export interface SenderAddressEvent extends Happening {
  readonly sender_address: { readonly pk: number; readonly address: string };
  readonly mailbox: number;
}
const ofSenderAddress = { subject: (e: SenderAddressEvent) => `admin.sender-address/${e.sender_address.pk}` };
export const senderAddressCreated = hook.signal<SenderAddressEvent>('admin.sender-address-created@1', ofSenderAddress);
export const senderAddressChanged = hook.signal<SenderAddressEvent>('admin.sender-address-changed@1', ofSenderAddress);
export const senderAddressDeleted = hook.signal<SenderAddressEvent>('admin.sender-address-deleted@1', ofSenderAddress);

/**
 * Inside the transaction that brings something back from the trash, after its rows and whose they are were written: rows
 * of yours that went along are there again, and what they count for can be settled. A guard, because nothing comes back
 * that there is no room for.
 */
export const restoring = hook.guard<{
  readonly actor: Actor;
  readonly kind: TrashKind;
  readonly pk: number;
  readonly name: string;
  /** Accounts that come back with it. */
  readonly accounts: readonly number[];
}>('admin.restoring@1');

/**
 * Something came back from the trash, under its old number, with everything inside. The signal of its creation is sent
 * as well.
 */
export const restored = hook.signal<
  Happening & { readonly kind: TrashKind; readonly pk: number; readonly name: string; readonly left_out: number }
>('admin.restored@1', { subject: ({ kind, pk }) => `admin.${kind}/${pk}` });

/** The row of a domain that is exported. One of a type that nobody has a row for is empty, and left out. */
export const domainExported = hook.filter<{ readonly domain: DomainView }, readonly ExportCell[]>(
  'admin.domain-exported@1',
);
/** May put more cells behind those of an account that is exported. */
export const accountExported = hook.filter<{ readonly account: AccountView }, readonly ExportCell[]>(
  'admin.account-exported@1',
);
/** An account was imported. `columns`: its cells from the address on. Where other kinds of rows are read is `importers`. */
export const accountImported = hook.signal<
  Happening & {
    readonly account: { readonly pk: number; readonly username: string };
    readonly columns: readonly string[];
  }
>('admin.account-imported@1', { subject: ({ account }) => `host.account/${account.pk}` });
