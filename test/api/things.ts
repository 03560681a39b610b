import { defineExtension, endpoint, field, problems, role, z } from '@posthorn/sdk';

const problem = problems('things', { E_THINGS_TAKEN: { kind: 'conflict', message: 'There is one already.' } });

/** What calls did, so that a test can see that a refused one did nothing. */
export const done: unknown[] = [];

const thing = {
  id: z.int(),
  name: z.string(),
  at: field.timestamp({ label: 'When' }).optional(),
  parts: z.array(z.object({ name: z.string() })).optional(),
};
const body = {
  name: field.string({ label: 'Name', min: 1, max: 20 }),
  size: field.size({ label: 'Size' }).default(0),
  at: field.timestamp({ label: 'When' }).optional(),
  parts: z.array(z.strictObject({ name: z.string().max(10) })).optional(),
};
const ID = { id: field.integer({ label: 'Id', min: 1 }) };

/** An extension with an endpoint of every kind, some below its own address, some below a noun that it claims. */
export const things = defineExtension({
  id: 'things',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Things',
  claims: { endpoints: ['gadgets'] },
  permissions: { 'things.keep': { label: 'Keep things', roles: ['Keepers'] } },
  contributes: [
    role({ name: 'Keepers', label: 'Keeper', rank: 50 }),
    role({ name: 'SimpleUsers', label: 'Simple user', rank: 10 }),
    endpoint({
      method: 'GET',
      path: '/open/',
      permission: 'public',
      summary: 'What everybody may read',
      query: {
        n: field.integer({ label: 'N', max: 9 }).default(1),
        tag: field.list(z.string(), { label: 'T' }).optional(),
      },
      returns: { n: z.int(), tags: z.array(z.string()), username: z.string(), request: z.string() },
      run: async ({ query, actor, requestId }) => ({
        n: query.n,
        tags: query.tag ?? [],
        username: actor.username,
        request: requestId,
      }),
    }),
    endpoint({
      method: 'POST',
      path: '/open/',
      permission: 'public',
      summary: 'What everybody may do',
      run: async () => void done.push('open'),
    }),
    endpoint({
      method: 'GET',
      path: '/gadgets/:id/',
      permission: 'things.keep',
      summary: 'One gadget',
      params: ID,
      returns: thing,
      errors: ['not-found'],
      run: async ({ params }) => ({ id: params.id, name: 'a', at: new Date(0) }),
    }),
    endpoint({
      method: 'PUT',
      path: '/gadgets/:gadget/',
      permission: 'things.keep',
      summary: 'Change a gadget',
      body,
      returns: thing,
      run: async ({ params, body: given, actor }) => {
        done.push({ ...given, gadget: params.gadget, by: actor.username, door: actor.door });
        return { id: Number(params.gadget), name: given.name, ...(given.at === undefined ? {} : { at: given.at }) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/gadgets/',
      permission: 'signed-in',
      summary: 'Make a gadget',
      body,
      bodyLimit: 2_000,
      returns: thing,
      status: 201,
      errors: ['conflict'],
      run: async ({ body: given }) => {
        if (given.name === 'taken') throw problem('E_THINGS_TAKEN', {}, { field: 'name' });
        done.push(given);
        return { id: 1, name: given.name };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/gadgets/:id/',
      permission: 'things.keep',
      summary: 'Remove a gadget',
      params: ID,
      run: async ({ params }) => void done.push(params.id),
    }),
    endpoint({
      method: 'GET',
      path: '/broken/:how/',
      permission: 'public',
      summary: 'Does not do what it says',
      returns: thing,
      run: async ({ params, signal }) => {
        if (params.how === 'throws') throw new Error('select * from secret_table');
        if (params.how === 'lies') return { id: 'one' } as never;
        if (params.how === 'chats') return { id: 1, name: 'a', secret: 'x', parts: [{ name: 'b', more: 1 }] } as never;
        return new Promise((_resolve) => {
          signal.addEventListener('abort', () => done.push('aborted'));
        });
      },
    }),
  ],
});
