import relaydomains from '@posthorn/relaydomains';
import transport from '@posthorn/transport';
import { afterAll, beforeAll, describe } from 'vitest';
import { limitBench } from '../limits/fixture.js';
import { startSite } from '../pages/site.js';
import type { ApiSite } from './api-site.js';
import { bulkScenarios } from './bulk.js';
import { callScenarios, slow } from './calls.js';
import { documentScenarios } from './document.js';
import { exampleScenarios } from './examples.js';
import { limitAndRelayScenarios } from './limits-and-relay.js';
import { referenceScenarios } from './reference.js';

/** What clients rely on, over whatever database there is. */
export function apiSuite(database: () => Promise<string | undefined>): void {
  let made: ApiSite;
  beforeAll(async () => {
    const url = await database();
    const b = await limitBench({
      with: [transport, relaydomains, slow],
      ...(url === undefined ? {} : { database: url }),
    });
    await b.limit({ enable_admin_limits: false });
    made = { b, site: await startSite(b.host) };
  });
  afterAll(async () => {
    await made?.site[Symbol.asyncDispose]();
    await made?.b.host[Symbol.asyncDispose]();
  });
  const of = (): ApiSite => made;
  // Each has data of its own, and is done before the next begins.
  describe('its document', () => documentScenarios(of));
  describe('its guides', () => exampleScenarios(of));
  describe('its calls', () => callScenarios(of));
  describe('its bulk calls', () => bulkScenarios(of));
  describe('the reference', () => referenceScenarios(of));
  describe('limits and relay domains', () => limitAndRelayScenarios(of));
}
