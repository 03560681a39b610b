import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditChain } from '../../core/src/audit/chain.js';
import { KeyRing } from '../../core/src/secrets/key-ring.js';
import { SecretBox } from '../../core/src/secrets/secret-box.js';
import { dialects, isAvailable, makeRig, type Rig } from '../jobs/rig.js';

const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));
const COUNT = 120;

async function ended(child: ChildProcess): Promise<string> {
  let said = '';
  child.stderr?.on('data', (text: Buffer) => {
    said += text;
  });
  const [code] = await once(child, 'exit');
  return `${code} ${said}`.trim();
}

describe.each(dialects)('processes that write and seal at once on %s', (dialect) => {
  describe.skipIf(!isAvailable(dialect))('with its database', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await makeRig(dialect);
    });
    afterAll(() => rig?.[Symbol.asyncDispose]());

    it('make one chain of what was committed, without a gap', { timeout: 120_000 }, async () => {
      const { url, directory } = rig;
      new KeyRing(directory).current();
      const children = ['one', 'two'].map((name) =>
        fork(WRITER, [JSON.stringify({ url, directory, name, count: COUNT })], {
          stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        }),
      );
      expect(await Promise.all(children.map(ended))).toEqual(['0', '0']);
      const chain = new AuditChain(rig.database, new SecretBox(new KeyRing(directory)));
      await chain.seal();
      const committed = await rig.database.execute<{ label: string }>(
        "select role || ' ' || permission as label from core_grant",
      );
      expect(committed).toHaveLength(2 * 2 * (COUNT - COUNT / 3));
      const records = await rig.database.execute<{ label: string }>('select label, seq from core_audit order by seq');
      expect(records.map(({ label }) => label).toSorted()).toEqual(committed.map(({ label }) => label).toSorted());
      expect(records.map((row) => Number(row['seq' as never]))).toEqual(records.map((_, i) => i + 1));
      expect(await chain.verify()).toMatchObject({ isWhole: true, checked: records.length, unsealed: 0 });
    });
  });
});
