/** What people do with domains, accounts and aliases, in the same words at each door. */
import type { Bench } from '../fixture.js';
import type { Said } from './said.js';

export interface DomainValues {
  readonly type?: 'domain' | 'relaydomain';
  readonly quota?: number;
  readonly default_mailbox_quota?: number;
  readonly enabled?: boolean;
}

export interface AccountValues {
  readonly username?: string;
  readonly role?: string;
  /** Of the mailbox; without it that of the domain counts. */
  readonly quota?: number;
  readonly first_name?: string;
}

export interface AdminHands {
  domain(name: string, values?: DomainValues): Promise<Said>;
  changeDomain(name: string, values: DomainValues & { readonly name?: string }): Promise<Said>;
  removeDomain(name: string): Promise<Said>;
  domainAlias(name: string, target: string): Promise<Said>;
  /** Pages have no form for it: there the old one goes and a new one comes. */
  renameDomainAlias(name: string, to: string): Promise<Said>;
  removeDomainAlias(name: string): Promise<Said>;
  /** A role other than SimpleUsers comes without a mailbox unless `quota` is given. */
  account(
    username: string,
    values?: Omit<AccountValues, 'username'> & { readonly domains?: readonly string[] },
  ): Promise<Said>;
  changeAccount(username: string, values: AccountValues): Promise<Said>;
  removeAccount(username: string): Promise<Said>;
  alias(address: string, recipient?: string): Promise<Said>;
  changeAlias(address: string, to: string): Promise<Said>;
  removeAlias(address: string): Promise<Said>;
}

export const DOORS = ['service', 'page', 'command'] as const;
export type Door = (typeof DOORS)[number];

/** Hands of one person at one door. */
export type Reach<H> = (b: Bench, username: string) => H;

export const ELSEWHERE = 'user@external.com';
