// `npm test`: builds, checks style and rules, runs every suite, and ends with the counts. Arguments are passed to vitest;
// `--long` adds the long runs, and the benchmarks of pages and maps at a million mailboxes behind them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const given = process.argv.slice(2);
const isLong = given.includes('--long');
const rest = given.filter((a) => a !== '--long');
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...(isLong ? { POSTHORN_TEST_LONG: '1' } : {}) };

function step(name, command, args) {
  console.log(`\n— ${name}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
  if (error) console.error(`${command}: ${error.message}; run this through npm, which puts the tools on the path`);
  return status ?? 1;
}

const failures = [];
if (step('build', process.execPath, [join(root, 'test/tools/build.mjs')]) !== 0) {
  console.error('\nThe build failed; no test was run.\n\n0 passed, 1 failed');
  process.exit(1);
}
if (rest.length === 0 && step('style', 'biome', ['check', '.']) !== 0) failures.push('style');

const folder = mkdtempSync(join(tmpdir(), 'posthorn-test-'));
const report = join(folder, 'report.json');
if (
  step('tests', 'vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...rest]) !==
  0
)
  failures.push('tests');
let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTotalTests: 0, testResults: [] };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  failures.push('no report was written');
}
rmSync(folder, { recursive: true, force: true });
if (isLong && rest.length === 0) {
  env.MAPS_SIZES = '1000,1000000';
  const bench = [join(root, 'test/tools/bench.mjs'), '--no-build', 'pages', 'maps'];
  if (step('a million mailboxes', process.execPath, bench) !== 0) failures.push('a benchmark broke');
}
// A file that could not be loaded counts as a failure too, though it holds no test that failed.
const broken = counts.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((a) => a.status !== 'failed'),
);
const failed = counts.numFailedTests + broken.length + failures.filter((f) => f !== 'tests').length;
if (process.env.POSTHORN_TEST_REQUIRE === 'all' && counts.numPendingTests > 0)
  failures.push(`${counts.numPendingTests} tests were skipped although all are required`);
for (const file of broken) console.error(`failed to run: ${file.name}`);
for (const failure of failures) console.error(`failed: ${failure}`);
console.log(
  `\n${counts.numPassedTests} passed, ${Math.max(failed, failures.length > 0 ? 1 : 0)} failed, ${counts.numPendingTests} skipped`,
);
process.exit(failures.length === 0 ? 0 : 1);
