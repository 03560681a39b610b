import { until } from '@posthorn/testkit/servers';
import { describe, expect, it } from 'vitest';
import { instance } from './instance.js';
import { serve, sql } from './serving.js';

describe('events that a dead process left behind', () => {
  for (const mode of ['serve', 'worker'])
    it(`are delivered by \`posthorn ${mode}\` while it runs`, async () => {
      await using made = await instance();
      await using serving = await serve(made.directory, {
        ...(mode === 'worker' ? { command: ['worker'], isHasty: true } : {}),
      });
      const [account] = sql(made.directory, 'select id, username, role from core_user limit 1');
      sql(
        made.directory,
        `insert into core_session (token_hash, user_id, role, created_at, seen_at, expires_at, proved_at, form_secret, notices)
         values ('x', ${account?.['id']}, 'SuperAdmins', 0, 0, 9999999999999, 0, 'x', '[]')`,
      );
      const event = { actor: { id: null, username: 'operator' }, account };
      sql(
        made.directory,
        `insert into core_outbox (event_id, hook, extension, subject, payload, owner)
         values ('x', 'host.password-changed@1', 'core', 'host.account/1', '${JSON.stringify(event)}', 'dead')`,
      );
      await until(
        'the event to be delivered',
        20,
        () => sql(made.directory, 'select id from core_outbox').length === 0,
      );
      // Its listener ends the sessions of whose password changed.
      expect(sql(made.directory, 'select id from core_session')).toEqual([]);
      expect(await serving.stop()).toBe(0);
    });
});
