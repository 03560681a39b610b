/** Why an account may do something, or may not. */
import type { Text } from '@posthorn/sdk';
import type { Key } from './inputs.js';

/**
 * What a fact is about: the account itself (`account`), what its role holds (`permission`), that its role reaches
 * everything (`everything`), whose the object is (`self`, `rank`, `domain`, `maker`, and link by link `path`), what is
 * refused to everybody (`rule`), an extension that refuses (`guard`), the token that was asked for (`token`).
 */
export type ExplanationKind =
  | 'account'
  | 'token'
  | 'permission'
  | 'everything'
  | 'self'
  | 'rank'
  | 'domain'
  | 'maker'
  | 'path'
  | 'rule'
  | 'guard';

export interface ExplanationFact {
  readonly kind: ExplanationKind;
  /** Whether it speaks for the account. */
  readonly holds: boolean;
  readonly text: Text;
}

/** `isAllowed` is what the services would say. */
export interface Explanation {
  readonly username: string;
  readonly action: string;
  /** The object under its own name; empty for actions without one. */
  readonly object: string;
  readonly isAllowed: boolean;
  /** In the order in which they were looked at. */
  readonly facts: readonly ExplanationFact[];
}

export interface ExplanationQuestion {
  /** Whose rights are asked for. */
  readonly account: Key;
  /** One of `actions()`. */
  readonly action: string;
  /** `core_token.id` of one of its tokens, whose rights are asked for instead. */
  readonly token?: number;
  /** A domain's name, a username, an alias's address, a sender address's `pk`, a role; absent where there is none. */
  readonly object?: string;
}

/** An action as people choose it. */
export interface ExplainedAction {
  readonly name: string;
  readonly label: Text;
  /** What kind of object it needs. */
  readonly object: 'none' | 'domain' | 'domain-alias' | 'account' | 'alias' | 'sender-address' | 'role';
}
