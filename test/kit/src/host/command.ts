import { Writable } from 'node:stream';
import { type Kernel, runOnKernel } from '@posthorn/core';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line without the program's name in this process; questions are never asked. */
export async function runCommand(kernel: Kernel, argv: readonly string[]): Promise<CommandResult> {
  const out = new Collected();
  const err = new Collected();
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const code = await runOnKernel(kernel, [...argv.slice(0, end), '--no-input', ...argv.slice(end)], { out, err });
  return { code, stdout: out.text, stderr: err.text };
}

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
