import { describe } from 'vitest';
import { concurrencyScenarios } from './concurrency-scenarios.js';
import { domainScenarios } from './domain-scenarios.js';
import type { LimitBench } from './fixture.js';
import { planScenarios } from './plan-scenarios.js';
import { referenceScenarios } from './reference-scenarios.js';
import { userScenarios } from './user-scenarios.js';

/** Everything that the services promise, on whatever database the bench has. */
export function scenarios(given: () => LimitBench): void {
  describe('as in the reference', () => referenceScenarios(given, 'service'));
  describe('administrators', () => userScenarios(given));
  describe('domains', () => domainScenarios(given));
  describe('plans', () => planScenarios(given));
  describe('at once', () => concurrencyScenarios(given));
}
