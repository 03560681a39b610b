/** Hosts for tests of extensions, and the checks that every extension has to pass. */
export type { Check, CheckId, ConformanceOptions, EndpointCall, Prepared } from './conformance/check.js';
export { type CheckResult, checkConformance, checks } from './conformance/checks.js';
export type { TestWindow } from './host/browser.js';
export type { TestClock } from './host/clock.js';
export type { CommandResult } from './host/command.js';
export type { GivenExtension } from './host/extension-package.js';
export type { Answer, Fields, TestField, TestForm, TestLink, TestPage, TestTab } from './host/page.js';
export type { HookProbe } from './host/probe.js';
export type { HostProcess } from './host/processes.js';
export type { Ask, Visitor } from './host/visitor.js';
export { QUALITY_RULES, type Quality, type Tier } from './quality/quality.js';
export { type JobOutcome, type TestHost, type TestHostOptions, type TestJobs, testHost } from './test-host.js';
