import { spawn } from 'node:child_process';

const ours = new Set();
process.once('exit', () => {
  for (const child of ours) child.kill('SIGKILL');
});

/**
 * Runs a program to its end; its output and how long it took from the call on.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, input?: string, timeoutMs?: number }} [o]
 * @returns {Promise<{ code: number, stdout: string, stderr: string, ms: number }>}
 */
export function runOnce(program, args, { env = process.env, cwd, input, timeoutMs = 60_000 } = {}) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(program, [...args], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs });
    ours.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      ours.delete(child);
      resolve({ code: code ?? -1, stdout, stderr, ms: performance.now() - begun });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

/**
 * Like `runOnce`; an exit code other than 0 is an error with the program's output.
 * @param {Parameters<typeof runOnce>} of
 */
export async function mustRun(...of) {
  const result = await runOnce(...of);
  if (result.code !== 0) {
    throw new Error(`${of[0]} ${of[1].join(' ')} ended with ${result.code}: ${result.stderr || result.stdout}`);
  }
  return result;
}
