import { LOGIN_PATH } from '../access/pages/login-path.js';
import type { Kernel } from '../kernel.js';
import type { Readiness } from './readiness.js';
import type { Views } from './views.js';

/** One thing to do on a fresh installation; the host writes them, since the kernel knows no subject matter. */
export interface NextStep {
  readonly title: string;
  readonly text: string;
  /** Command lines as they are typed. */
  readonly commands: readonly string[];
  /** Only shown while this extension is enabled. */
  readonly extension?: string;
}

export interface FrontPage {
  readonly version: string;
  readonly hostname: string | undefined;
  readonly readiness: Readiness;
  readonly extensions: readonly {
    readonly id: string;
    readonly version: string;
    readonly state: string;
    readonly isWell: boolean;
    readonly reason: string;
  }[];
  readonly steps: readonly NextStep[];
  /** Where to sign in; undefined while nobody can. */
  readonly signIn: string | undefined;
}

/** States that need nobody's attention; the wanted and the observed agree. */
const WELL = new Set(['enabled']);

/** Gathers what the front page shows. Extensions that are switched off are left out: nobody waits for them. */
export function frontPage(o: {
  readonly version: string;
  readonly kernel: Kernel | undefined;
  readonly readiness: Readiness;
  readonly steps: readonly NextStep[];
}): FrontPage {
  const extensions = (o.kernel?.states ?? [])
    .filter((state) => state.desired === 'enabled' || WELL.has(state.state))
    .map((state) => ({
      id: state.id,
      version: state.version,
      state: state.state,
      isWell: WELL.has(state.state),
      reason: state.reason ?? '',
    }));
  const isEnabled = (id: string) => extensions.some((extension) => extension.id === id && extension.isWell);
  return {
    version: o.version,
    hostname: o.kernel?.config.hostname,
    readiness: o.readiness,
    extensions,
    steps: o.steps.filter((step) => step.extension === undefined || isEnabled(step.extension)),
    signIn: o.kernel !== undefined && o.readiness.isDatabaseThere ? LOGIN_PATH : undefined,
  };
}

export const renderFrontPage = (views: Views, page: FrontPage): string => views.render('front', { ...page });
