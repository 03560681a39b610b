import { defineExtension, field } from '@posthorn/sdk';
import { transportBackend } from '@posthorn/transport/contract';

/** An extension of somebody else that hands mail on in its own way. */
export const backendsOfOthers = defineExtension({
  id: 'acme-queue',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Queues',
  requires: { transport: '^0.1.0' },
  contributes: [
    transportBackend({
      service: 'acme-queue',
      title: 'A queue',
      summary: 'Puts mail into a queue.',
      settings: { queue: field.choice({ label: 'Queue', choices: ['fast', 'long'] }) },
      nextHop: ({ queue }) => `queue=${queue}`,
    }),
  ],
});
