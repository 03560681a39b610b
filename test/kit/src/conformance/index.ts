/** The checks that every extension has to pass, as a suite of vitest. */
export type { CheckId, ConformanceOptions, EndpointCall, Prepared } from './check.js';
export { conformance } from './suite.js';
