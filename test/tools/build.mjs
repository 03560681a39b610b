// `npm run build`: compiles what is stale, through turbo, which knows the order and keeps what has not changed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const result = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only', ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
});
if (result.error) {
  console.error(`build: ${result.error.message}; run it through npm, which puts the tools on the path`);
  process.exit(1);
}
process.exit(result.status ?? 1);
