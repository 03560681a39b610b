// biome-ignore-all format: a mistake must stand on the line below its mark
/** Each marked line must be a type error: the compiler fails if one of them compiles. Nothing here runs. */
import { bridge } from './bridge.js';
import type { ExtensionContext } from './context.js';
import { authenticationBackend } from './contract/authentication.js';
import { command } from './contract/commands.js';
import { endpoint } from './contract/endpoints.js';
import { importer } from './contract/import-export.js';
import { type ListColumn, type ListFilter, listColumn, listFilter, type RowAction, rowAction } from './contract/lists.js';
import { noticeSource } from './contract/notices.js';
import { defineExtension } from './extension.js';
import { field, type Values, z } from './field.js';
import { hook, on } from './hook.js';
import { parameters } from './parameters.js';
import { problems } from './problem.js';
import { provide, service } from './service.js';
import { contribute, deprecatedField, slot } from './slot.js';

interface View {
  readonly name: string;
}
const created = hook.signal<{ readonly view: View }>('demo.created@1');
const mayCreate = hook.guard<{ readonly count: number }>('demo.may-create@1');
const query = hook.filter<{ readonly actor: number }, { readonly where: string }>('demo.query@1');
const notices = hook.collect<{ readonly actor: number }, { readonly text: string }>('demo.notices@1');
const menu = slot<{ readonly label: string; readonly href: string }>('demo.menu@1');
const rows = slot<ListColumn<{ readonly pk: number }>>('demo.columns@1');
const clock = service<{ now(): Date }>('demo.clock@1');

const line = { noun: 'n', verb: 'v', summary: 's', examples: [], permission: 'public' };
const call = { path: '/things/:id/', permission: 'signed-in', summary: 's' } as const;

export const mistakes = () => [
  // @ts-expect-error the event has no such property
  on(created, ({ nope }) => void nope),
  // @ts-expect-error a subject is made of the event
  hook.signal<{ readonly a: string }>('demo.named@1', { subject: ({ b }) => b }),
  // @ts-expect-error only signals are delivered again
  on(mayCreate, (_event, { delivery }) => void delivery),
  // @ts-expect-error a guard answers with a denial, never with a boolean
  on(mayCreate, () => false),
  // @ts-expect-error a filter must return the value
  on(query, () => undefined),
  // @ts-expect-error a filter's value has its own shape
  on(query, () => ({ wrong: 1 })),
  // @ts-expect-error a collected item has its own shape
  on(notices, () => [{ name: 'x' }]),
  // @ts-expect-error the event of the earlier major has a `count`
  bridge(mayCreate, hook.guard<{ readonly all: number }>('demo.may-create@2'), ({ all }) => ({ all })),
  // @ts-expect-error a bridge leads to the same kind of hook
  bridge(mayCreate, hook.first<{ readonly count: number }>('demo.may-create@2'), (event) => event),
  // @ts-expect-error the item of the later major lacks `href`
  bridge(slot<{ readonly label: string }>('demo.menu@0'), menu, ({ label }) => ({ label })),
  // @ts-expect-error a service is provided under both references
  bridge(clock, service<{ now(): Date }>('demo.clock@2'), (old) => old),
  // @ts-expect-error the items of the slot have no such field
  deprecatedField(menu, 'icon', { since: '1.1.0', gone: '2.0.0', use: 'label' }),
  // @ts-expect-error ids carry a major version
  hook.signal<object>('demo.something'),
  // @ts-expect-error the item lacks `href`
  contribute(menu, { label: 'x' }),
  // @ts-expect-error the service lacks `now`
  provide(clock, () => ({ later: () => new Date() })),
  // @ts-expect-error permissions carry the extension's id
  defineExtension({ id: 'mine', version: '1.0.0', sdk: '^1.0.0', title: 'Mine', permissions: { 'other.x': { label: 'x', roles: [] } } }),
  // @ts-expect-error a section names a field that does not exist
  parameters('demo', 'global', { a: field.boolean({ label: 'A' }).default(true) }, { title: 'Demo', sections: [{ title: 'S', fields: ['b'] }] }),
  // @ts-expect-error a condition looks at a field that exists
  parameters('demo', 'global', { a: field.boolean({ label: 'A' }).default(true) }, { title: 'Demo', conditions: { a: { field: 'b', is: [true] } } }),
  // @ts-expect-error only preferences are somebody's
  parameters('demo', 'global', { a: field.boolean({ label: 'A' }).default(true) }, { title: 'Demo', when: () => true }),
  // @ts-expect-error a computed default fits its field
  parameters('demo', 'global', { a: field.boolean({ label: 'A' }).default(true) }, { title: 'Demo', defaults: () => ({ a: 'yes' }) }),
  // @ts-expect-error a preference is read for an account
  (context: ExtensionContext) => context.parameters(parameters('demo', 'user', { a: field.boolean({ label: 'A' }).default(true) }, { title: 'Demo' })),
  // @ts-expect-error a column gets the rows of its list
  listColumn(rows, { id: 'c', label: 'C', permission: 'signed-in', load: async (all) => all.map(({ nope }) => nope) }),
  // @ts-expect-error an action of one list does not fit another
  rowAction(slot<RowAction<{ readonly other: number }>>('demo.others@1'), { id: 'a', label: 'A', icon: 'eye', permission: 'signed-in', href: ({ pk }: { readonly pk: number }) => `/${pk}/` }),
  // @ts-expect-error a filter narrows by values, not by text alone
  listFilter(slot<ListFilter>('demo.filters@1'), { id: 'f', label: 'F', permission: 'signed-in', choices: async () => [], narrow: () => 'a = 1' }),
  // @ts-expect-error a notice has one of four levels
  noticeSource({ id: 'n', permission: 'signed-in', load: async () => [{ id: 'x', level: 'loud', text: 'X' }] }),
  // @ts-expect-error a positional argument is one of the fields
  command({ ...line, positional: ['z'], input: { a: field.string({ label: 'A' }) }, run: async () => {} }),
  // @ts-expect-error a command names a permission or `public`
  command({ noun: 'n', verb: 'v', summary: 's', examples: [], input: {}, run: async () => {} }),
  // @ts-expect-error the field is a number
  command({ ...line, input: { n: field.integer({ label: 'N' }) }, run: async ({ n }) => void n.trim() }),
  // @ts-expect-error a backend answers with somebody, `unknown` or `wrong`
  authenticationBackend({ id: 'b', title: 'B', authenticate: async () => true }),
  // @ts-expect-error accounts that are made have one role at least
  authenticationBackend({ id: 'b', title: 'B', creates: { roles: [] }, authenticate: async () => 'unknown' }),
  // @ts-expect-error the row has no such column
  importer({ kind: 'k', title: 'K', permission: 'k.add', columns: { a: field.string({ label: 'A' }) }, run: async ({ b }) => void b }),
  // @ts-expect-error an importer names a permission
  importer({ kind: 'k', title: 'K', columns: {}, run: async () => {} }),
  // @ts-expect-error an endpoint names a permission, `signed-in` or `public`
  endpoint({ method: 'GET', path: '/things/', summary: 's', run: async () => undefined }),
  // @ts-expect-error a permission has an owner
  endpoint({ ...call, method: 'GET', permission: 'things', run: async () => undefined }),
  // @ts-expect-error what reads takes no body
  endpoint({ ...call, method: 'GET', body: { a: field.string({ label: 'A' }) }, run: async () => undefined }),
  // @ts-expect-error a path ends with a slash
  endpoint({ ...call, method: 'GET', path: '/things', run: async () => undefined }),
  // @ts-expect-error the path has no such name
  endpoint({ ...call, method: 'GET', run: async ({ params }) => void params.nope }),
  // @ts-expect-error the path has no such name
  endpoint({ ...call, method: 'GET', params: { nope: field.integer({ label: 'N' }) }, run: async () => undefined }),
  // @ts-expect-error the answer lacks `b`
  endpoint({ ...call, method: 'GET', returns: { a: z.string(), b: z.string() }, run: async () => ({ a: '' }) }),
  // @ts-expect-error the field is a number
  endpoint({ ...call, method: 'POST', body: { n: field.integer({ label: 'N' }) }, run: async ({ body }) => void body.n.trim() }),
  // @ts-expect-error there is no such kind of problem
  endpoint({ ...call, method: 'GET', errors: ['broken'], run: async () => undefined }),
  // @ts-expect-error the code is not in the catalogue
  problems('demo', { E_DEMO_A: { kind: 'conflict', message: 'A' } })('E_DEMO_B'),
];

type Optional = Values<{
  a: ReturnType<typeof field.string>;
  b: import('zod').ZodOptional<ReturnType<typeof field.string>>;
}>;
// @ts-expect-error what is optional may be missing
export const missing = (v: Optional): string => v.b;
