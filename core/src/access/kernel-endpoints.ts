import { accounts, type Contribution, endpoint, messages, z } from '@posthorn/sdk';
import { problem } from '../errors.js';
import { jobEndpoints } from '../jobs/endpoints.js';
import type { Kernel } from '../kernel.js';

const t = messages('host');

/** Endpoints that are there without any extension, below `/api/v1/core/` and the nouns that the kernel claims. */
export const kernelEndpoints = (kernel: () => Kernel): readonly Contribution[] => [
  endpoint({
    method: 'GET',
    path: '/me/',
    permission: 'signed-in',
    summary: t('Whose token or session this is'),
    examples: [{}],
    returns: {
      id: z.int(),
      username: z.string(),
      first_name: z.string(),
      last_name: z.string(),
      language: z.string(),
      role: z.string(),
    },
    run: async ({ context, actor }) => {
      const account = actor.id === null ? null : await context.get(accounts).findById(actor.id);
      if (account === null) throw problem('E_ACCOUNT_NOT_FOUND', { username: actor.username });
      const { id, username, first_name, last_name, language, role } = account;
      return { id, username, first_name, last_name, language, role };
    },
  }),
  ...jobEndpoints(kernel),
];
