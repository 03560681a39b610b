import {
  ACCOUNT_KIND,
  type Account,
  type Actor,
  type ApiToken,
  accounts,
  type ExtensionContext,
  messages,
  type Text,
  tokens,
} from '@posthorn/sdk';
import type { ExplainedAction, Explanation, ExplanationFact, ExplanationQuestion } from '../contract/explanation.js';
import type { Key } from '../contract/inputs.js';
import { DOMAIN_KIND } from '../contract/names.js';
import type { Explanations } from '../contract/services.js';
import { ACTION_NAMES, ACTIONS, type ActionName } from '../policy/actions.js';
import { Policy, type Reason } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountFinder, type AccountRow } from '../services/account-finder.js';
import { DomainFinder } from '../services/domain-finder.js';
import { Checks } from './checks.js';
import { type FoundObject, findObject } from './objects.js';
import { ownershipPath } from './ownership-path.js';

const t = messages('admin');

/** Says why somebody may do something, or may not, to those who may see both. */
export class ExplanationService implements Explanations {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  actions(): readonly ExplainedAction[] {
    return ACTION_NAMES.map((name) => ({ name, label: ACTIONS[name].label, object: ACTIONS[name].object }));
  }

  async overview(actor: Actor, key: Key): Promise<readonly (ExplainedAction & { readonly isAllowed: boolean })[]> {
    const { account } = await this.#subject(actor, key);
    const subject = await this.#context.get(accounts).actor(account, 'page');
    return this.actions().map((action) => ({
      ...action,
      isAllowed: account.is_active && this.#policy.holds(subject, action.name as ActionName),
    }));
  }

  async explain(actor: Actor, question: ExplanationQuestion): Promise<Explanation> {
    const { scope, account } = await this.#subject(actor, question.account);
    const { action } = question;
    if (!isAction(action)) throw problem('E_ADMIN_EXPLAIN_ACTION', { action }, { field: 'action' });
    const object = await findObject(this.#context, actor, ACTIONS[action].object, (question.object ?? '').trim());
    const own = await this.#judged(await this.#context.get(accounts).actor(account, 'page'), action, object);
    const token = question.token === undefined ? undefined : await this.#token(actor, account, question.token);
    const byToken = token?.actor && (await this.#judged(token.actor, action, object));
    const facts: ExplanationFact[] = [
      { kind: 'account', holds: account.is_active, text: standing(account) },
      ...(await this.#facts(scope, account.id, own.reasons)),
      ...(token === undefined ? [] : [{ kind: 'token' as const, holds: token.actor !== null, text: token.text }]),
      // One that leaves everything has no reasons of its own.
      ...(await this.#facts(scope, account.id, (token?.actor?.confined && byToken?.reasons) || [])),
    ];
    const isAllowed = account.is_active && own.isAllowed && (token === undefined || byToken?.isAllowed === true);
    return { username: account.username, action, object: object.name, isAllowed, facts };
  }

  async tokens(actor: Actor, key: Key): Promise<readonly ApiToken[]> {
    const { account } = await this.#subject(actor, key);
    return asksForTokens(actor) ? this.#context.get(tokens).of(account.id) : [];
  }

  async #judged(subject: Actor, action: ActionName, object: FoundObject) {
    const reasons: Reason[] = [];
    const hears = (reason: Reason) => void reasons.push(reason);
    const checks = new Checks(this.#context, subject, await this.#policy.scope(subject), hears);
    return { isAllowed: await checks.run(action, object), reasons };
  }

  /** What a token of the account leaves, and who calls with it. */
  async #token(actor: Actor, account: Account, id: number) {
    if (!asksForTokens(actor)) throw problem('E_ADMIN_FORBIDDEN', { permission: MANAGE_TOKENS });
    const service = this.#context.get(tokens);
    const found = (await service.of(account.id)).find((one) => one.id === id);
    if (found === undefined) throw problem('E_ADMIN_EXPLAIN_TOKEN', { id }, { field: 'token' });
    return { actor: await service.actor(id, 'api'), text: leaves(found) };
  }

  async #subject(actor: Actor, key: Key): Promise<{ readonly scope: Scope; readonly account: Account }> {
    const scope = await this.#policy.scope(actor);
    const row = await new AccountFinder(this.#context).reach(scope, key);
    this.#policy.enterOwnOr(actor, row);
    return { scope, account: (await this.#context.get(accounts).findById(row.id)) as Account };
  }

  /** Each reason, and after one that came from access rows the links of the way to the object. */
  async #facts(scope: Scope, accountId: number, reasons: readonly Reason[]): Promise<readonly ExplanationFact[]> {
    const facts: ExplanationFact[] = [];
    for (const { kind, holds, text, about } of reasons) {
      facts.push({ kind, holds, text });
      if (!holds || about === undefined) continue;
      const path = await ownershipPath(this.#context, accountId, about.kind, about.id);
      let held = await this.#nameOf(scope, about);
      for (const { accountId: id, isOwner } of path ?? []) {
        const username = await this.#nameOf(scope, { kind: ACCOUNT_KIND, id });
        facts.push({ kind: 'path', holds, text: link(held, username, isOwner) });
        held = username;
      }
    }
    return facts;
  }

  /** What the one who asks may not see has no name. */
  async #nameOf(scope: Scope, { kind, id }: { readonly kind: string; readonly id: number }): Promise<Text> {
    if (kind === DOMAIN_KIND) {
      const domain = await new DomainFinder(this.#context).find(id);
      return domain !== undefined && this.#policy.canSeeDomain(scope, id)
        ? domain.name
        : t('a domain out of your sight');
    }
    const account: AccountRow | undefined = await new AccountFinder(this.#context).find(id);
    const isSeen = account !== undefined && (await this.#policy.canSeeAccount(scope, account));
    return isSeen ? account.username : t('an account out of your sight');
  }
}

const MANAGE_TOKENS = 'core.manage_tokens';
const asksForTokens = (actor: Actor): boolean => actor.confined === undefined && actor.can(MANAGE_TOKENS);

const leaves = ({ prefix, scopes, isOver }: ApiToken): Text =>
  isOver
    ? t('The token {{prefix}} has expired.', { prefix })
    : scopes.length === 0
      ? t('The token {{prefix}} leaves every right of its owner.', { prefix })
      : t('The token {{prefix}} leaves no more than {{scopes}}.', { prefix, scopes: scopes.join(', ') });

const isAction = (name: string): name is ActionName => Object.hasOwn(ACTIONS, name);

const standing = ({ username, role, is_active }: Account): Text =>
  is_active
    ? t('{{username}} has the role {{role}}.', { username, role })
    : t('{{username}} is disabled and may do nothing.', { username });

const link = (held: Text, username: Text, isOwner: boolean): Text =>
  isOwner
    ? t('{{held}} belongs to {{username}}.', { held, username })
    : t('{{username}} administers {{held}}.', { held, username });
