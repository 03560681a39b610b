import { type Contribution, command, field, messages } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Outbox } from './outbox.js';

const t = messages('host');
const permission = 'core.manage_jobs';
const id = field.integer({ label: t('The id of the event'), min: 1 });

/** `posthorn outbox list`, `retry` and `discard`. What an event says is never shown. */
export const outboxCommands = (outbox: () => Outbox): readonly Contribution[] => [
  command({
    noun: 'outbox',
    verb: 'list',
    summary: t('List the events of signals that are not delivered yet, the oldest first.'),
    examples: ['outbox list', 'outbox list --failed'],
    permission,
    input: {
      failed: field.boolean({ label: t('Only those that were set aside') }).default(false),
      limit: field.integer({ label: t('At most so many'), min: 1, max: 100_000 }).default(100),
    },
    async run({ failed, limit }, { out }) {
      const events = await outbox().table.list({ failed, limit });
      await out.list(
        events.map((event) => ({
          id: event.id,
          signal: event.signal,
          extension: event.extension,
          subject: event.subject,
          state: event.state,
          attempts: event.attempts,
          created_at: event.createdAt.toISOString(),
          error: event.error,
        })),
      );
    },
  }),
  command({
    noun: 'outbox',
    verb: 'retry',
    summary: t('Deliver an event that was set aside once more.'),
    description: t(
      'The next worker that looks delivers it. Later events of its subject may have been delivered already.',
    ),
    examples: ['outbox retry 17'],
    permission,
    positional: ['id'],
    input: { id },
    async run(input, { out }) {
      if (!(await outbox().table.retry(input.id))) throw problem('E_EVENT_NOT_FOUND', { id: input.id });
      out.note(t('The event {{id}} will be delivered once more.', { id: input.id }));
    },
  }),
  command({
    noun: 'outbox',
    verb: 'discard',
    summary: t('Forget an event that was set aside; it is never delivered.'),
    examples: ['outbox discard 17 --yes'],
    permission,
    positional: ['id'],
    isDestructive: true,
    input: { id },
    async run(input, context) {
      await context.confirm(t('Forget the event {{id}}?', { id: input.id }));
      if (!(await outbox().table.discard(input.id))) throw problem('E_EVENT_NOT_FOUND', { id: input.id });
      context.out.note(t('The event {{id}} is forgotten.', { id: input.id }));
    },
  }),
];
