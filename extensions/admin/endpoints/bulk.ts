/** What is done to many rows at once, by the jobs that do it for the lists of pages. */
import { setImmediate } from 'node:timers/promises';
import {
  type Contribution,
  type EndpointRequest,
  endpoint,
  field,
  invalid,
  messages,
  plainText,
  type Text,
  z,
} from '@posthorn/sdk';
import { startBulk } from '../jobs/start-bulk.js';
import {
  BULK_MAX,
  type BulkAction,
  type BulkFilter,
  type BulkList,
  type BulkRow,
  findRows,
  isRowProblem,
} from '../pages/bulk-list.js';
import { domainBulk } from '../pages/domain-bulk.js';
import { identityBulk } from '../pages/identity-bulk.js';
import type { PermissionName } from '../policy/permissions.js';
import { problem } from '../problems.js';
import { flag, keepdir, megabytes, name } from './shared.js';

const t = messages('admin');

const TAKEN_BACK = Symbol('taken back');

/** A resource whose rows are those of a list of pages, or some of them. */
interface Bulk {
  readonly path: `/${string}/`;
  readonly summary: Text;
  /** Whoever may see such rows. */
  readonly permission: PermissionName;
  readonly list: BulkList;
  /** What stands before the number in an id of the list. */
  readonly prefix: string;
  /** What may be done, and what it needs. */
  readonly actions: Readonly<Partial<Record<BulkAction, string>>>;
  /** The filters of the resource. */
  readonly filters: Readonly<Record<string, z.ZodType<string | undefined>>>;
  /** The same for the list. */
  filterOf(sent: Readonly<Record<string, string | undefined>>): BulkFilter;
}

interface Body {
  readonly action: BulkAction;
  readonly pks?: readonly number[] | undefined;
  readonly filter?: Readonly<Record<string, string | undefined>> | undefined;
  readonly total?: number | undefined;
  readonly quota?: number | undefined;
  readonly keepdir?: boolean | undefined;
}
type Call = Pick<EndpointRequest, 'actor' | 'context' | 'signal'>;

/** The rows that are meant: by their ids, or by a filter. */
interface Meant {
  readonly ids?: readonly string[];
  readonly filter: BulkFilter;
}

const verdict = z.object({ pk: z.int(), name: z.string(), refusal: z.string().nullable() });
const answer = { job: z.int().nullable(), total: z.int(), rows: z.array(verdict).optional() };
type Answer = z.input<z.ZodObject<typeof answer>>;

const bulkEndpoint = (bulk: Bulk): Contribution => {
  const { path, summary, actions, filters } = bulk;
  const names = Object.keys(actions) as [BulkAction, ...BulkAction[]];
  return endpoint({
    method: 'POST',
    path: `${path}bulk/`,
    permission: bulk.permission,
    summary,
    description: t(
      'A job does it, row by row as single calls would. With dry_run nothing is done, and the answer says for each of at most a thousand rows what would keep it from being done. To delete by a filter, total says how many match.',
    ),
    query: { dry_run: flag('Only try it: nothing is kept').optional() },
    body: {
      action: field.choice({ label: t('Action'), choices: names }),
      pks: z.array(z.int().min(1).max(2_147_483_647)).min(1).max(BULK_MAX).meta({ title: 'Numbers' }).optional(),
      filter: z.strictObject(filters).meta({ title: 'Filter' }).optional(),
      total: field.integer({ label: t('Total'), min: 0 }).optional(),
      ...('quota' in actions ? { quota: megabytes('Quota').optional() } : {}),
      ...keepdir,
    },
    returns: answer,
    status: 202,
    errors: ['refused', 'conflict'],
    examples: [
      { body: { action: 'disable', pks: [1] } },
      { query: { dry_run: 'true' }, body: { action: 'delete', filter: { search: 'old' } } },
    ],
    location: ({ job }) => (job === null ? undefined : `/api/v1/jobs/${job}/`),
    run: ({ query, body, ...call }) => answered(bulk, call, body as Body, query.dry_run === true),
  });
};

async function answered(bulk: Bulk, call: Call, body: Body, isDryRun: boolean): Promise<Answer> {
  const { list } = bulk;
  const permission = bulk.actions[body.action] ?? '';
  if (!call.actor.can(permission)) throw problem('E_ADMIN_FORBIDDEN', { permission });
  const meant = meantBy(bulk, body);
  if (isDryRun) return tried(bulk, call, meant, body);
  const total = meant.ids?.length ?? (await list.matching(call, meant.filter)).total;
  if (meant.ids === undefined) requireTotal(body, total);
  const { action, quota } = body;
  const options = { keepdir: body.keepdir === true, ...(quota === undefined ? {} : { quota }) };
  return { job: await startBulk(list, call, { ...meant, ...options, action, total }), total };
}

function meantBy({ prefix, filterOf }: Bulk, { action, pks, filter, quota }: Body): Meant {
  if ((pks === undefined) === (filter === undefined)) {
    throw invalid([{ path: 'pks', message: t('either pks or filter is required, and not both') }]);
  }
  if (action === 'quota' && quota === undefined) throw invalid([{ path: 'quota', message: t('is required') }]);
  if (pks === undefined) return { filter: filterOf(filter ?? {}) };
  return { ids: [...new Set(pks)].map((pk) => `${prefix}${pk}`), filter: {} };
}

/** What pages have people type before they delete, and what they were shown before. */
function requireTotal({ action, total }: Body, now: number): void {
  if (total === undefined && action === 'delete') throw invalid([{ path: 'total', message: t('is required') }]);
  if (total !== undefined && total !== now)
    throw problem('E_ADMIN_BULK_TOTAL', { meant: total, now }, { field: 'total' });
}

/** Each row by itself, and taken back. */
async function tried({ list, prefix }: Bulk, call: Call, { ids, filter }: Meant, body: Body): Promise<Answer> {
  const found = ids === undefined ? undefined : await findRows(list, call, ids);
  const matching = found === undefined ? await list.matching(call, filter) : undefined;
  const pkOf = (id: string): number => Number(id.slice(prefix.length));
  const rows: z.input<typeof verdict>[] = (found?.refused ?? []).map(({ id, text }) => ({
    pk: pkOf(id),
    name: '',
    refusal: plainText(text),
  }));
  for (const row of found?.rows ?? matching?.rows ?? []) {
    await setImmediate(undefined, { signal: call.signal });
    const refusal = await refusalOf(list, call, row, body);
    rows.push({ pk: pkOf(row.id), name: row.name, refusal: refusal === undefined ? null : plainText(refusal) });
  }
  return { job: null, total: matching?.total ?? rows.length, rows };
}

async function refusalOf(list: BulkList, call: Call, row: BulkRow, body: Body): Promise<Text | undefined> {
  const options = { keepdir: body.keepdir === true, quota: body.quota };
  try {
    return await call.context.data.write(async () => {
      const [refusal] = await list.run(call, body.action, [row], options);
      throw refusal ?? TAKEN_BACK;
    });
  } catch (error) {
    if (error === TAKEN_BACK) return undefined;
    if (isRowProblem(error)) return error.text;
    throw error;
  }
}

const search = { search: name('Search').optional() };
const inDomain = { domain: name('Domain').optional(), ...search };

export const bulkEndpoints: readonly Contribution[] = [
  bulkEndpoint({
    path: '/domains/',
    summary: t('Change many domains'),
    permission: 'admin.view_domains',
    list: domainBulk,
    prefix: '',
    actions: { enable: 'admin.change_domain', disable: 'admin.change_domain', delete: 'admin.delete_domain' },
    filters: search,
    filterOf: ({ search: q = '' }) => ({ q }),
  }),
  bulkEndpoint({
    path: '/accounts/',
    summary: t('Change many accounts'),
    permission: 'admin.view_mailboxes',
    list: identityBulk,
    prefix: 'account-',
    actions: {
      enable: 'core.change_user',
      disable: 'core.change_user',
      quota: 'admin.change_mailbox',
      delete: 'core.delete_user',
    },
    filters: { ...inDomain, role: field.string({ label: t('Role'), max: 30 }).optional() },
    filterOf: ({ search: q = '', domain = '', role = '' }) => ({ kind: 'account', q, domain, role }),
  }),
  bulkEndpoint({
    path: '/aliases/',
    summary: t('Change many aliases'),
    permission: 'admin.view_aliases',
    list: identityBulk,
    prefix: 'alias-',
    actions: { enable: 'admin.change_alias', disable: 'admin.change_alias', delete: 'admin.delete_alias' },
    filters: inDomain,
    filterOf: ({ search: q = '', domain = '' }) => ({ kind: 'alias', q, domain }),
  }),
];
