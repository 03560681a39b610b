// `npm run bench [-- NAME…] [-- --json FILE]`: builds, runs the benchmarks of test/bench one after the other, each in a
// process of its own, prints one table and writes every figure to test/bench/results/latest.json. Figures of different
// machines or hours do not compare; ratios to the baseline beside them, measured in the same run, do.
import { fork, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { notRun } from '../bench/lib/rows.mjs';
import { resultTable } from '../bench/lib/table.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'test/bench');
const LONGEST_SECONDS = 240;
/** Those that take longer than that. */
const isLong = process.env.POSTHORN_TEST_LONG === '1';
const LONGER_SECONDS = { soak: 1_200, pages: isLong ? 3_600 : 600, maps: isLong ? 1_800 : 600 };
/** The quiet ones first; whatever is not named here follows. */
const ORDER = ['hooks', 'generation', 'start', 'memory', 'accounts', 'outbox', 'maps', 'replacement'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, 'no-build': { type: 'boolean' } },
});

const there = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''));
const known = [
  ...ORDER.filter((name) => there.includes(name)),
  ...there.filter((name) => !ORDER.includes(name)).sort(),
];
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`bench: there is no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(64);
}
const chosen = positionals.length > 0 ? known.filter((name) => positionals.includes(name)) : known;

if (values['no-build'] !== true) {
  const { status } = spawnSync(process.execPath, [join(root, 'test/tools/build.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error('bench: the build failed; nothing was measured');
    process.exit(1);
  }
}

/** Only the process group that we started, and only by its id. */
function end(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

function runOne(name) {
  return new Promise((done) => {
    const child = fork(join(folder, 'lib/child.mjs'), [join(folder, `${name}.bench.mjs`)], {
      cwd: root,
      execArgv: ['--expose-gc'],
      detached: true, // A process group of its own, so that nothing it started outlives a time-out.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let outcome = { type: 'failed', reason: 'it ended without a result' };
    const longest = LONGER_SECONDS[name] ?? LONGEST_SECONDS;
    const interrupted = () => {
      end(child, 'SIGTERM');
      process.exitCode = 130;
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupted);
    const timer = setTimeout(() => {
      outcome = { type: 'failed', reason: `no result within ${longest} seconds` };
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), 5_000).unref();
    }, longest * 1_000);
    child.on('message', (message) => {
      outcome = message;
    });
    child.on('exit', () => {
      clearTimeout(timer);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, interrupted);
      end(child, 'SIGTERM');
      done(outcome);
    });
  });
}

const startedAt = performance.now();
const [busy = 0] = loadavg();
const results = [];
for (const name of chosen) {
  process.stderr.write(`${name} … `);
  const at = performance.now();
  const { type, reason, rows = [], notes = [], details } = await runOne(name);
  const seconds = (performance.now() - at) / 1_000;
  process.stderr.write(`${type === 'done' ? '' : `${type}, `}${seconds.toFixed(1)} s\n`);
  results.push({
    name,
    seconds,
    failed: type === 'failed' ? reason : undefined,
    rows: type === 'done' ? rows : [notRun(name, type === 'failed' ? (reason.split('\n')[0] ?? '') : reason)],
    notes,
    details,
  });
  if (type === 'failed') console.error(reason);
  if (process.exitCode === 130) break;
}

const rows = results.flatMap((result) => result.rows);
console.log(`\n${resultTable(rows)}`);
for (const { name, notes } of results) for (const note of notes) console.log(`\n${name}: ${note}`);
const judged = rows.filter((one) => one.met !== undefined);
const missed = judged.filter((one) => one.met === false);
const idle = rows.filter((one) => one.notRun !== undefined);
console.log(
  `\n${judged.length - missed.length} of ${judged.length} aims met, ${idle.length} did not run, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
);

if (busy > availableParallelism() / 2)
  console.log(
    `The machine was busy with other things (load ${busy.toFixed(1)} on ${availableParallelism()} cores): trust ratios, not times.`,
  );

const report = {
  at: new Date().toISOString(),
  version: JSON.parse(readFileSync(join(root, 'host/package.json'), 'utf8')).version,
  node: process.version,
  machine: { cpu: cpus()[0]?.model ?? '', cores: availableParallelism(), memory: totalmem(), load: busy },
  results,
};
for (const file of new Set([join(folder, 'results/latest.json'), ...(values.json ? [resolve(values.json)] : [])])) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
}
// A missed aim is a finding, not a failure: the machine may be busy. A benchmark that breaks is one.
process.exitCode ??= results.some((result) => result.failed !== undefined) ? 1 : 0;
