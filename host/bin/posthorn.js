#!/usr/bin/env node
// The program's first lines. They must run on any Node from 16 on, because their task is to find the Node 24 that comes
// as a package when the system's own is older: plain old syntax, no imports beyond the oldest built-in modules.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));

function packagedNode() {
  for (let at = here; ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
    if (process.platform === 'linux' && existsSync(candidate)) return candidate;
    if (dirname(at) === at) return undefined;
  }
}

function runWith(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGQUIT'];
  forwarded.forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on('error', (error) => {
    process.stderr.write(`posthorn: ${node} does not run: ${error.message}\n`);
    process.exitCode = 78;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code === null ? 1 : code;
      return;
    }
    process.exitCode = 128 + (constants.signals[signal] || 0);
  });
}

function start() {
  const main = join(here, '..', 'dist', 'main.js');
  if (!existsSync(main)) {
    process.stderr.write('posthorn: the program is not built yet: run `npm run build` in its checkout\n');
    process.exitCode = 78;
    return;
  }
  import('../dist/main.js').then((program) => program.run(process.argv.slice(2)));
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  start();
} else {
  const node = packagedNode();
  if (node === undefined) {
    process.stderr.write(
      'posthorn: Node ' +
        NEEDED +
        ' or later is needed, this is ' +
        process.versions.node +
        ' (' +
        process.execPath +
        ')\n',
    );
    process.exitCode = 78;
  } else {
    runWith(node);
  }
}
