import type { Data, ExtensionContext } from '@posthorn/sdk';
import type { Report } from '../../watch/attribution.js';
import type { Syslog } from '../../watch/syslog.js';
import { Authenticator } from '../authentication/authenticator.js';
import { TokenCheck } from '../tokens/token-check.js';
import { TokenStore } from '../tokens/token-store.js';
import { SecretStore } from './secret-store.js';
import { SessionStore } from './session-store.js';
import { SignInLog } from './sign-in-log.js';
import { SignInService } from './sign-in-service.js';
import { SignInThrottle } from './sign-in-throttle.js';

export interface SignInKit {
  readonly sessions: SessionStore;
  readonly throttle: SignInThrottle;
  readonly secrets: SecretStore;
  readonly signIn: SignInService;
  readonly signInLog: SignInLog;
  readonly tokens: TokenStore;
  readonly tokenCheck: TokenCheck;
}

/** Everything about signing in, over one database. Opens and writes nothing. */
export function makeSignIn(
  data: Data,
  context: ExtensionContext,
  syslog: Syslog | undefined,
  report: Report,
): SignInKit {
  const now = () => context.now();
  const sessions = new SessionStore(context);
  const throttle = new SignInThrottle(data);
  const secrets = new SecretStore(data);
  const log = new SignInLog(data, context.log, syslog, secrets);
  const authenticator = new Authenticator(context, report);
  const signIn = new SignInService({
    data,
    authenticator,
    sessions,
    throttle,
    log,
    now,
  });
  const tokens = new TokenStore(data, now);
  const tokenCheck = new TokenCheck({ data, store: tokens, authenticator, log });
  return { sessions, signInLog: log, throttle, secrets, signIn, tokens, tokenCheck };
}
