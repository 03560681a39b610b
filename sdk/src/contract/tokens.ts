import type { Actor, Door } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import { service } from '../service.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** A name for permissions that belong together: what a token may be confined to do. @public @since 1.0.0 */
export interface TokenScope {
  /** `things:verb`. */
  readonly name: string;
  /** What it is called. */
  readonly label: Text;
  /** All that a token of this scope may use, as far as its owner may. */
  readonly permissions: readonly string[];
}

/** The slot of scopes. @public @since 1.0.0 */
export const tokenScopes = slot<TokenScope>('host.token-scopes@1');
/** Contributes a scope. @public @since 1.0.0 */
export const tokenScope = (s: TokenScope): Contribution => contribute(tokenScopes, s);

/**
 * A kind of objects that a token may be confined to, as `name=object`. Services that judge objects of this kind must ask
 * `actor.confined.within(kind)`.
 * @public @since 1.0.0
 */
export interface TokenRange {
  /** What stands before the `=`. */
  readonly name: string;
  readonly label: Text;
  /** The kind under which `Access` keeps these objects. */
  readonly kind: string;
  /** The id of an object that the actor may see; throws a problem where there is none. */
  find(context: ExtensionContext, actor: Actor, text: string): Promise<number>;
}

/** The slot of ranges. @public @since 1.0.0 */
export const tokenRanges = slot<TokenRange>('host.token-ranges@1');
/** Contributes a range. @public @since 1.0.0 */
export const tokenRange = (r: TokenRange): Contribution => contribute(tokenRanges, r);

/** A token of the API, without its secret. @public @since 1.0.0 */
export interface ApiToken {
  /** `core_token.id` */
  readonly id: number;
  /** How it begins. */
  readonly prefix: string;
  readonly label: string;
  /** As they were said; empty for all that its owner may do. */
  readonly scopes: readonly string[];
  /** Whether it has expired. */
  readonly isOver: boolean;
}

/** The tokens of the API, for whoever may ask about them: the caller says who that is. @public @since 1.0.0 */
export interface Tokens {
  /** Those of one account, by its `core_user.id`. */
  of(accountId: number): Promise<readonly ApiToken[]>;
  /** The actor that a call with this token has now; null where the token or its owner would not be let in. */
  actor(id: number, door: Door): Promise<Actor | null>;
}
/** The tokens of the installation. Provided by the kernel. @public @since 1.0.0 */
export const tokens = service<Tokens>('host.tokens@1');
