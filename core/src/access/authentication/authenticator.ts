import {
  type Account,
  type AuthenticatedUser,
  type AuthenticationAnswer,
  type AuthenticationBackend,
  accountAutoCreated,
  accounts,
  authenticationBackends,
  type Contributed,
  type ExtensionContext,
  isProblem,
  maySignIn,
  SUPER_ADMINS,
  z,
} from '@posthorn/sdk';
import { problem } from '../../errors.js';
import { within } from '../../forms/deadline.js';
import { TabContexts } from '../../forms/extension-call.js';
import { callInFrame, ExtensionError, frameOf, type Report } from '../../watch/attribution.js';
import { typedName } from '../typed-name.js';

const TIMEOUT_MS = 5_000;

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Where they come from. */
  readonly address: string;
}

const TEXT = z.string().max(100);
const ANSWER = z.union([
  z.enum(['unknown', 'wrong']),
  z.object({
    username: z.string().min(1).max(254),
    role: TEXT.optional(),
    email: z.string().max(254).optional(),
    first_name: TEXT.optional(),
    last_name: TEXT.optional(),
    language: z.string().max(10).optional(),
  }),
]);

/**
 * Whose name and password these are. Accounts whose password is kept here are judged by it alone; for all other names
 * the backends are asked in their order.
 */
export class Authenticator {
  readonly #contexts: TabContexts;

  constructor(
    private readonly context: ExtensionContext,
    private readonly report: Report,
  ) {
    this.#contexts = new TabContexts(context);
  }

  /** Null where nobody comes in with them. Throws E_SIGN_IN_AWAY where that could not be found out. */
  async authenticate({ username, password, address }: Credentials): Promise<Account | null> {
    const local = this.context.get(accounts);
    const name = typedName(username);
    const known = await local.findByUsername(name);
    if (known?.is_local !== true) {
      for (const backend of this.context.items(authenticationBackends)) {
        const answer = await this.#ask(backend, { username: name, password, address });
        if (answer === 'unknown') continue;
        const account = answer === 'wrong' ? null : await this.#accountOf(backend, answer);
        if (account !== null) return account;
        break;
      }
    }
    // Also where it cannot succeed: the work of checking a password is done for every name.
    return local.verify(username, password);
  }

  /** Throws a `refused` problem where a guard keeps this account out. */
  async requireWelcome(
    { id, username, role }: Pick<Account, 'id' | 'username' | 'role'>,
    address: string,
    door: 'page' | 'api',
  ): Promise<void> {
    await this.context.call(maySignIn, { account: { id, username, role }, address, door });
  }

  async #ask({ from, item }: Contributed<AuthenticationBackend>, given: Credentials): Promise<AuthenticationAnswer> {
    const at = `authentication:${item.id}`;
    const ended = new AbortController();
    try {
      return await callInFrame(frameOf(from, at), async () => {
        if (item.when?.(given.username) === false) return 'unknown';
        const request = { ...given, signal: ended.signal };
        const answer = await within(item.timeoutMs ?? TIMEOUT_MS, () =>
          item.authenticate(request, this.#contexts.of(from)),
        );
        return ANSWER.parse(answer) as AuthenticationAnswer;
      });
    } catch (error) {
      this.#blame(from, at, error, given.password);
      throw problem('E_SIGN_IN_AWAY');
    } finally {
      ended.abort();
    }
  }

  /** Null where the backend may not bring this account in. */
  async #accountOf(backend: Contributed<AuthenticationBackend>, user: AuthenticatedUser): Promise<Account | null> {
    const known = await this.context.get(accounts).findByUsername(user.username);
    if (known === null) return this.#create(backend, user);
    if (known.is_local) {
      return this.#refuse(backend, `it says ${known.username}, whose password is kept here`);
    }
    return known.is_active ? known : null;
  }

  async #create(backend: Contributed<AuthenticationBackend>, user: AuthenticatedUser): Promise<Account | null> {
    const { from, item } = backend;
    const roles: readonly string[] = item.creates?.roles ?? [];
    const role = user.role ?? roles[0];
    if (role === undefined) return null;
    if (!roles.includes(role) || role === SUPER_ADMINS)
      return this.#refuse(backend, `it may not give the role ${role}`);
    const { system, data } = this.context;
    const { role: _asked, ...facts } = user;
    try {
      return await data.write(async () => {
        const account = await this.context.get(accounts).create(system, { ...facts, role, is_local: false });
        await this.context.call(accountAutoCreated, {
          actor: { id: system.id, username: system.username },
          account: { id: account.id, username: account.username, role },
          backend: `${from}.${item.id}`,
        });
        return account;
      });
    } catch (error) {
      if (!isProblem(error) || error.kind === 'temporary') throw error;
      // Somebody who signs in twice at once is made once.
      if (error.code === 'E_ACCOUNT_TAKEN') return this.#found(user.username);
      return this.#refuse(backend, error.message);
    }
  }

  async #found(username: string): Promise<Account | null> {
    const account = await this.context.get(accounts).findByUsername(username);
    return account !== null && !account.is_local && account.is_active ? account : null;
  }

  #refuse({ from, item }: Contributed<AuthenticationBackend>, reason: string): null {
    this.#blame(from, `authentication:${item.id}`, new Error(reason), '');
    return null;
  }

  /** What a library throws may repeat what it was given. */
  #blame(extension: string, at: string, error: unknown, password: string): void {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const safe = password === '' ? said : said.replaceAll(password, '…');
    this.report(new ExtensionError(extension, at, safe));
  }
}
