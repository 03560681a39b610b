import { type Command as CommandItem, type Contributed, type Problem, parseShape, plainText } from '@posthorn/sdk';
import { Command, CommanderError } from 'commander';
import { problem } from '../errors.js';
import { collectInput, declareInput } from './options.js';

/** A command of the host program itself (`init`, `serve`), shown in the help beside the others. */
export interface HostCommand {
  readonly noun: string;
  readonly summary: string;
  readonly usage: string;
}

export interface ParsedCommand {
  readonly from: string;
  readonly command: CommandItem;
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: CommonOptions;
}

export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly input?: boolean;
}

export type Parsed =
  | { readonly kind: 'command'; readonly parsed: ParsedCommand }
  /** Help or version, already worded. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface ProgramParts {
  readonly commands: readonly Contributed<CommandItem>[];
  readonly hostCommands: readonly HostCommand[];
  readonly version: string;
  /** What the program is for, in one sentence. */
  readonly description: string;
}

/** Reads a command line. Touches nothing and never exits. */
export function parseCommandLine(argv: readonly string[], parts: ProgramParts): Parsed {
  let chosen: ParsedCommand | undefined;
  let text = '';
  let complaint = '';
  const speak = (c: Command): Command =>
    c
      .exitOverride()
      .configureOutput({ writeOut: (s) => (text += s), writeErr: (s) => (complaint += s) })
      .showSuggestionAfterError(true);
  const program = speak(new Command('posthorn'))
    .description(parts.description)
    .version(parts.version, '--version', 'Print the version.')
    .helpOption('--help', 'Show this help.')
    .addHelpText(
      'after',
      '\nRun `posthorn NOUN --help` for what can be done with each, `posthorn NOUN VERB --help` for its options.\n',
    );
  /** Nouns, and first words of verbs of two: `limits`, `limits plan`. */
  const groups = new Map<string, Command>();
  for (const h of parts.hostCommands) speak(program.command(h.noun)).description(h.summary).usage(h.usage);
  const groupOf = (words: readonly string[]): Command => {
    if (words.length === 0) return program;
    const name = words.join(' ');
    const known = groups.get(name);
    if (known !== undefined) return known;
    const made = speak(groupOf(words.slice(0, -1)).command(words.at(-1) ?? '')).helpOption('--help', 'Show this help.');
    groups.set(name, made);
    return made;
  };
  for (const { from, item } of parts.commands) {
    // A noun whose only verb is `run` is itself the verb: `posthorn check`.
    const isNounAlone =
      item.verb === 'run' && parts.commands.filter((other) => other.item.noun === item.noun).length === 1;
    const words = isNounAlone ? [item.noun] : [item.noun, ...item.verb.split(' ')];
    const c = speak(groupOf(words.slice(0, -1)).command(words.at(-1) ?? ''))
      .description(plainText(item.description ?? item.summary))
      .summary(plainText(item.summary))
      .helpOption('--help', 'Show this help.');
    declareInput(c, item);
    commonOptions(c, item);
    if (item.examples.length > 0) {
      c.addHelpText('after', `\nExamples:\n${item.examples.map((e) => `  $ posthorn ${e}`).join('\n')}\n`);
    }
    c.action(() => {
      chosen = { from, command: item, input: collectInput(c, item), options: c.opts<CommonOptions>() };
    });
  }
  for (const [name, made] of groups) {
    const below = parts.commands
      .map(({ item }) => `${item.noun} ${item.verb}`)
      .filter((of) => of.startsWith(`${name} `));
    const verbs = below.map((of) => of.slice(name.length + 1).split(' ')[0]);
    made.description(`${[...new Set(verbs)].join(', ')}`);
  }
  try {
    if (argv.length === 0) return { kind: 'text', text: program.helpInformation() };
    program.parse([...commonOptionsLast(argv)], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return { kind: 'text', text };
      const reason = complaint.replace(/^error: /, '').trim() || error.message;
      // A noun without a verb prints its help; that is still a usage error.
      return {
        kind: 'problem',
        problem: problem('E_USAGE', { reason: text !== '' && complaint === '' ? text.trim() : reason }),
      };
    }
    throw error;
  }
  if (chosen === undefined) return { kind: 'text', text: text === '' ? program.helpInformation() : text };
  return { kind: 'command', parsed: chosen };
}

/** Common options may stand before the noun as well: `posthorn --as alice jobs list`. */
function commonOptionsLast(argv: readonly string[]): readonly string[] {
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] as string;
    if (['--json', '--quiet', '--yes', '--no-input'].includes(word) || /^--(as|instance)=/.test(word)) at += 1;
    else if (word === '--as' || word === '--instance') at += 2;
    else break;
  }
  return [...argv.slice(at), ...argv.slice(0, at)];
}

function commonOptions(c: Command, item: CommandItem): void {
  c.option('--json', 'Print JSON: one object per line for lists, one object otherwise.');
  c.option('--quiet', 'Say nothing but the data.');
  if (item.isDestructive) c.option('--yes', 'Do it without asking.');
  c.option('--as <username>', 'Act as this account instead of the super administrator.');
  c.option('--no-input', 'Never ask; fail where an answer would be needed.');
  c.option('--instance <directory>', 'The instance to work on; otherwise the current folder.');
}

/** Checks what was typed against the command's fields. Throws an `invalid` problem naming each. */
export const readInput = (parsed: ParsedCommand): Record<string, unknown> =>
  parseShape(parsed.command.input, parsed.input, { text: true }) as Record<string, unknown>;
