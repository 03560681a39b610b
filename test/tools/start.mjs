// `npm start`: builds what is stale, makes an instance beside the sources where there is none, and serves it. What it
// serves and where can be changed as for the program itself: PORT, HOST, POSTHORN_… and arguments after `--`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'host', 'bin', 'posthorn.js');
const instance = resolve(root, process.env.POSTHORN_INSTANCE || 'instance');

function step(command, args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) process.stderr.write(`npm start: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
}

step(process.execPath, [join(root, 'test', 'tools', 'build.mjs')]);
if (!existsSync(join(instance, 'posthorn.yaml'))) {
  process.stdout.write(`Making an instance in ${instance}\n`);
  step(process.execPath, [program, 'init', instance, '--extensions', 'all', '--no-input']);
}
// npm runs this through a shell that dies of a signal without passing it on: when it is gone, we were meant.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 250).unref();
// In this very process, so that signals and the exit code need no messenger.
process.argv = [process.execPath, program, 'serve', '--instance', instance, ...process.argv.slice(2)];
await import('../../host/bin/posthorn.js');
