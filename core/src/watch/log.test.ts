import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The log writes to a file descriptor, so it is tried in a process of its own. */
function logged(code: string): Record<string, unknown>[] {
  const module = new URL('../../dist/watch/log.js', import.meta.url).href;
  const frames = new URL('../../dist/watch/attribution.js', import.meta.url).href;
  const source = `const { createLog } = await import('${module}'); const { running } = await import('${frames}');
    const log = createLog({ level: 'info', name: 'test', to: 1 }); ${code}; log.flush();`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('says whose line it is', () => {
    const [line] = logged(
      `running.run({ extension: 'demo', at: 'job:x', request: 'r1' }, () => log.info({ n: 1 }, 'done'))`,
    );
    expect(line).toMatchObject({ process: 'test', extension: 'demo', at: 'job:x', request: 'r1', n: 1, msg: 'done' });
  });

  it('keeps secrets to itself, at the top and one level down', () => {
    const lines = logged(
      `log.info({ password: 'canary', user: { password: 'canary', token: 'canary' }, headers: { authorization: 'canary', cookie: 'canary' }, ok: 1 }, 'x')`,
    );
    expect(JSON.stringify(lines)).not.toContain('canary');
    expect(lines[0]).toMatchObject({ ok: 1, password: '[secret]' });
  });

  it('makes one line of whatever comes from outside', () => {
    const lines = logged(`log.info({ name: 'a\\n{"level":60,"msg":"forged"}\\u001b[31m' }, 'x\\ny')`);
    expect(lines).toHaveLength(1);
  });
});
