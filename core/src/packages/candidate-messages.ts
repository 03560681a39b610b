import type { DesiredRow } from '../assembly/desired.js';
import type { ExtensionPackage } from '../assembly/discover.js';
import type { InstanceConfig } from '../config.js';

/** What is to be tried: an arrangement in which one package has another version. */
export interface CandidateOrder {
  readonly config: InstanceConfig;
  /** All of the instance, the new version among them. */
  readonly packages: readonly ExtensionPackage[];
  /** The new version. */
  readonly upgraded: ExtensionPackage;
  readonly desired: readonly DesiredRow[];
}

/** What the arrangement would be. */
export interface CandidatePlan {
  /** Of extensions that are wanted and could not be enabled, by id. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Of the new version, claimed ones too: the roles that are to have each. */
  readonly permissions: Readonly<Record<string, { readonly roles: readonly string[] }>>;
  /** Schema steps that would run. */
  readonly pending: readonly string[];
  /** Schema steps that ran and that the arrangement does not know. */
  readonly unknown: readonly string[];
}

export type ToCandidate =
  | { readonly type: 'plan'; readonly order: CandidateOrder }
  | { readonly type: 'up' }
  | { readonly type: 'down'; readonly names: readonly string[] };

export type FromCandidate =
  | { readonly type: 'done'; readonly plan?: CandidatePlan; readonly steps?: readonly string[] }
  /** `steps` ran before the failure and are still there. */
  | { readonly type: 'failed'; readonly reason: string; readonly steps: readonly string[] };
