import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Actor, CommandContext, ExtensionContext, Output, Text } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Translate } from '../text/catalogs.js';

export interface CommandSituation {
  readonly actor: Actor;
  readonly out: Output;
  readonly signal: AbortSignal;
  readonly yes: boolean;
  /** A person is there to be asked. */
  readonly isInteractive: boolean;
  readonly translate: Translate;
  readonly onExitCode: (code: number) => void;
}

/** The extension's context with what a command has beside it. */
export function commandContext(context: ExtensionContext, s: CommandSituation): CommandContext {
  const more: Pick<CommandContext, 'actor' | 'out' | 'signal' | 'setExitCode' | 'confirm' | 'readSecret'> = {
    actor: s.actor,
    out: s.out,
    signal: s.signal,
    setExitCode: s.onExitCode,
    confirm: (question) => confirm(question, s),
    readSecret,
  };
  return Object.assign(Object.create(context) as ExtensionContext, more);
}

async function confirm(question: Text, s: CommandSituation): Promise<void> {
  if (s.yes) return;
  if (!s.isInteractive) throw problem('E_CONFIRM');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${s.translate(question)} [y/N] `, { signal: s.signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw problem('E_CANCELLED');
  } finally {
    prompt.close();
  }
}

async function readSecret(path: string): Promise<string> {
  let content: string;
  try {
    content = path === '-' ? await readAll(process.stdin) : await readFile(path, 'utf8');
  } catch (error) {
    throw problem('E_FILE_READ', { path, reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' });
  }
  return content.replace(/\r?\n$/, '');
}
