import { empty } from '../admin/fixture.js';
import type { LimitBench } from '../limits/fixture.js';
import type { Site } from '../pages/site.js';

/** A host with every extension that has endpoints, over real HTTP. */
export interface ApiSite {
  readonly b: LimitBench;
  readonly site: Site;
}

/** Takes everything out again, and lets nothing be limited. */
export async function emptyApi(b: LimitBench): Promise<void> {
  await b.context.data.write(async () => {
    for (const table of ['transport_transport', 'core_job', 'core_idempotency']) await b.sql(`delete from ${table}`);
  });
  await empty(b);
  await b.limit({ enable_admin_limits: false });
}
