import { describe } from 'vitest';
import { accountScenarios } from './account-scenarios.js';
import { aliasScenarios } from './alias-scenarios.js';
import { badInputScenarios } from './bad-input-scenarios.js';
import { domainScenarios } from './domain-scenarios.js';
import type { Bench } from './fixture.js';
import { hintScenarios } from './hint-scenarios.js';
import { manyScenarios } from './many-scenarios.js';
import { permissionScenarios } from './permission-scenarios.js';
import { repairScenarios } from './repair-scenarios.js';
import { resolutionScenarios } from './resolution-scenarios.js';
import { schemaScenarios } from './schema-scenarios.js';
import { trashScenarios } from './trash-scenarios.js';

/** Everything that the services promise, on whatever database the bench has. */
export function scenarios(given: () => Bench): void {
  describe('schema', () => schemaScenarios(given));
  describe('domains', () => domainScenarios(given));
  describe('accounts', () => accountScenarios(given));
  describe('aliases', () => aliasScenarios(given));
  describe('many at once', () => manyScenarios(given));
  describe('resolutions', () => resolutionScenarios(given));
  describe('permissions', () => permissionScenarios(given));
  describe('repairs', () => repairScenarios(given));
  describe('trash', () => trashScenarios(given));
  describe('hints', () => hintScenarios(given));
  describe('input', () => badInputScenarios(given));
}
