/** The public face of `transport`: references and types, without behaviour. Other extensions import only this. */
export {
  PATTERN_KINDS,
  type PatternKind,
  type TransportBackend,
  transportBackend,
  transportBackends,
} from './contract/backends.js';
export { type TransportSaved, transportSaved } from './contract/hooks.js';
export {
  type Route,
  type Routes,
  routes,
  type TransportChange,
  type TransportFilter,
  type TransportInput,
  type Transports,
  type TransportView,
  transports,
} from './contract/services.js';
