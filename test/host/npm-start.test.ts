import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, until } from '@posthorn/testkit/servers';
import { expect, it } from 'vitest';
import { scratch } from './instance.js';
import { environment, request } from './serving.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('npm start makes an instance once, serves it, and ends with the program', async () => {
  await using folder = await scratch();
  const directory = join(folder.path, 'i');
  for (const round of ['first', 'second']) {
    const port = await freePort();
    // What `npm start` runs, with the path npm makes for it.
    const base = environment({ POSTHORN_INSTANCE: directory, PORT: String(port) });
    const env = { ...base, PATH: `${join(root, 'node_modules', '.bin')}:${base['PATH']}` };
    const child = spawn(process.execPath, [join(root, 'test/tools/start.mjs')], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    try {
      await until('the program to listen', 50, () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${text}`);
        return text.includes(`listens on http://127.0.0.1:${port}`);
      });
      expect(text.includes('Administrator: admin')).toBe(round === 'first');
      expect(/Password: +\S+/.test(text)).toBe(round === 'first');
      expect((await request(port, '/readyz')).status).toBe(200);
      child.kill('SIGINT');
      expect(await ended).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  }
  expect(existsSync(join(directory, 'posthorn.yaml'))).toBe(true);
});
