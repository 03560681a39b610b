/** The public face of `limits`: services and views, without behaviour. */

export { limitsParameters } from './contract/parameters.js';
export {
  ACCOUNT_LIMITS,
  type AccountLimitName,
  DOMAIN_LIMITS,
  type DomainLimitName,
} from './contract/resources.js';
export type {
  AccountResources,
  ChosenPlan,
  DomainResources,
  Limits,
  LimitView,
  NewPlan,
  PlanChange,
  Plans,
  PlanView,
  ResourceSample,
} from './contract/services.js';
export { limits, plans } from './contract/services.js';
