/** The commands in the documents of the API work as they stand. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { HASH } from '../admin/fixture.js';
import type { Site } from '../pages/site.js';
import { shellBlocks } from '../quick-start/blocks.js';
import { type ApiSite, emptyApi } from './api-site.js';
import { tokenOf } from './caller.js';

const run = promisify(execFile);
export function exampleScenarios(of: () => ApiSite): void {
  let site: Site;
  let token: string;
  beforeAll(async () => {
    const { b, site: there } = of();
    site = there;
    await emptyApi(b);
    await b.host.kernel.accounts.create(b.system, { username: 'admin', role: 'SuperAdmins', passwordHash: HASH });
    token = await tokenOf(b.host, 'admin');
  });

  it.each(['quick-start', 'resources', 'bulk'])('%s', async (page) => {
    const text = await readFile(new URL(`../../docs/api/${page}.md`, import.meta.url), 'utf8');
    const blocks = shellBlocks(text)
      .map((block) => block.text)
      .filter((block) => !block.startsWith('posthorn '));
    const calls = blocks.join('\n').match(/^(?:api|curl|pk=|anna=|mailbox=|boss=|relay=|job=)/gm) ?? [];
    expect(calls.length).toBeGreaterThan(4);
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', blocks.join('\n')], {
      env: { PATH: process.env['PATH'], URL: site.base, TOKEN: token },
    });
    expect(stdout).toMatch(/^\{"pk":/);
  });
}
