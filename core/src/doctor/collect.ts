import { hostname } from 'node:os';
import { UtcTimestamp } from '@posthorn/sdk';
import { agoSql } from '../cluster/database-clock.js';
import { DEAD_AFTER_SECONDS } from '../cluster/process-row.js';
import type { Kernel } from '../kernel.js';
import { Histogram } from '../watch/histogram.js';
import type { DeprecatedUse, NotedError, ProcessFigures } from '../watch/spots.js';

export type PlaceKind =
  | 'hook'
  | 'page'
  | 'tab'
  | 'widget'
  | 'badge'
  | 'palette'
  | 'job'
  | 'command'
  | 'check'
  | 'file'
  | 'step';

/** What all processes together have seen of one place in one extension. Durations are milliseconds. */
export interface Place {
  readonly extension: string;
  readonly at: string;
  readonly kind: PlaceKind;
  readonly calls: number;
  readonly failures: number;
  readonly late: number;
  readonly p50: number;
  readonly p95: number;
  readonly statements: number;
  readonly sqlMs: number;
  readonly blocks: number;
  readonly longestBlockMs: number;
}

export interface ServingProcess {
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  /** The number of its generation. */
  readonly assembly: number;
  readonly revision: number;
  readonly startedAt: Date;
  /** Undefined until it has told. */
  readonly rssMb: number | undefined;
}

export interface Collected {
  readonly processes: readonly ServingProcess[];
  /** By extension and place. */
  readonly places: readonly Place[];
  /** Newest first. */
  readonly errors: readonly NotedError[];
  /** By extension and name; what this process has seen itself is among them. */
  readonly deprecated: readonly DeprecatedUse[];
}

const NOTHING: ProcessFigures = { rssMb: 0, spots: [], errors: [], deprecated: [] };
const stored = new UtcTimestamp();

/**
 * What the processes of this installation have seen since each of them started, on whatever machine they run: each
 * writes its figures beside its heartbeat, so they are up to four seconds old. Where the asking process serves as well,
 * its own are the present ones.
 */
export async function collectFigures(kernel: Kernel, o: { readonly isServing: boolean }): Promise<Collected> {
  const { database } = kernel;
  const rows = await database.execute(
    `select role, host, pid, assembly, revision, started_at, figures from core_process
     where seen_at >= ${agoSql(database.dialect, DEAD_AFTER_SECONDS)} order by host, role, pid`,
  );
  const isSelf = (row: (typeof rows)[number]) => row.host === hostname() && Number(row.pid) === process.pid;
  const own = kernel.spots.figures();
  const figures = rows.map((row) => (isSelf(row) ? own : parsed(row.figures)));
  return {
    processes: rows.map((row, i) => ({
      role: String(row.role),
      host: String(row.host),
      pid: Number(row.pid),
      assembly: Number(row.assembly),
      revision: Number(row.revision),
      startedAt: stored.convertToJSValue(row.started_at as string | Date) ?? new Date(0),
      rssMb: figures[i]?.rssMb || undefined,
    })),
    ...merged(rows.some(isSelf) || !o.isServing ? figures : [...figures, own]),
    deprecated: usesIn([...figures, own]),
  };
}

function parsed(figures: unknown): ProcessFigures {
  try {
    return { ...NOTHING, ...(JSON.parse(String(figures ?? '{}')) as Partial<ProcessFigures>) };
  } catch {
    return NOTHING;
  }
}

function merged(all: readonly ProcessFigures[]): Pick<Collected, 'places' | 'errors'> {
  const byPlace = Map.groupBy(
    all.flatMap(({ spots }) => spots),
    ({ extension, at }) => `${extension} ${at}`,
  );
  const places = [...byPlace.values()].map((spots): Place => {
    const [{ extension, at } = { extension: '', at: '' }] = spots;
    const times = new Histogram();
    for (const spot of spots) times.merge(spot.times);
    const sum = (of: 'calls' | 'failures' | 'late' | 'statements' | 'sqlMs' | 'blocks'): number =>
      spots.reduce((total, spot) => total + spot[of], 0);
    return {
      ...{ extension, at, kind: kindOf(at) },
      ...{ calls: sum('calls'), failures: sum('failures'), late: sum('late') },
      ...{ p50: rounded(times.percentile(0.5)), p95: rounded(times.percentile(0.95)) },
      ...{ statements: sum('statements'), sqlMs: rounded(sum('sqlMs')), blocks: sum('blocks') },
      longestBlockMs: Math.max(...spots.map((spot) => spot.longestBlockMs)),
    };
  });
  const order = (a: Place, b: Place): number =>
    a.extension.localeCompare(b.extension, 'en') || a.at.localeCompare(b.at, 'en');
  return {
    places: places.sort(order),
    errors: all.flatMap(({ errors }) => errors).sort((a, b) => b.time.localeCompare(a.time, 'en')),
  };
}

function usesIn(all: readonly ProcessFigures[]): readonly DeprecatedUse[] {
  const byKey = new Map(
    all.flatMap(({ deprecated }) => deprecated.map((u) => [`${u.extension} ${u.name}`, u] as const)),
  );
  return [...byKey].sort(([a], [b]) => a.localeCompare(b, 'en')).map(([, use]) => use);
}

const rounded = (ms: number): number => Number(ms.toPrecision(3));

const PREFIXES: Readonly<Record<string, PlaceKind>> = {
  form: 'tab',
  widget: 'widget',
  menu: 'badge',
  palette: 'palette',
  job: 'job',
  command: 'command',
  check: 'check',
  file: 'file',
};

/** Frames are named `widget:boxes`, `GET /items/`, `acme.happened@1`, `start`. */
function kindOf(at: string): PlaceKind {
  const prefix = PREFIXES[at.split(':', 1)[0] ?? ''];
  if (prefix !== undefined && at.includes(':')) return prefix;
  if (/^[A-Z]+ \//.test(at)) return 'page';
  return /@\d+$/.test(at) ? 'hook' : 'step';
}
