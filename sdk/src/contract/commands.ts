import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Shape, Values } from '../field.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** A value that the command line can print. Give moments as ISO 8601 text. @public @since 1.0.0 */
export type Printable = string | number | boolean | null;
/**
 * One flat object per row; keys are the API's snake_case names. Lists are printed joined by a space in tables.
 * @public @since 1.0.0
 */
export type PrintableRow = Readonly<Record<string, Printable | readonly Printable[]>>;

/** One thing with parts: lists of rows as well. @public @since 1.0.0 */
export type PrintableObject = Readonly<Record<string, PrintableRow[string] | readonly PrintableRow[]>>;

/**
 * Where a command's answer goes: data on stdout, messages on stderr. With `--json`, NDJSON for lists and one object
 * otherwise.
 * @public @since 1.0.0
 */
export interface Output {
  /** Whether the caller asked for JSON. */
  readonly isJson: boolean;
  /** A list: a table for people, one JSON object per line with `--json`. Rows are written as they come. */
  list(rows: AsyncIterable<PrintableRow> | Iterable<PrintableRow>, columns?: readonly string[]): Promise<void>;
  /** One thing: a two-column sheet for people, or the lines that say it better; one JSON object with `--json`. */
  item(value: PrintableRow): void;
  item(value: PrintableObject, lines: readonly Text[]): void;
  /** Raw text on stdout, whatever the format (a token, a file's content). */
  raw(text: string): void;
  /** Raw text in pieces; waits for a reader that is slower. */
  stream(pieces: AsyncIterable<string>): Promise<void>;
  /** A sentence for people, on stderr; silent with `--quiet`. */
  note(text: Text): void;
  /** A warning for people, on stderr. */
  warn(text: Text): void;
  /** Progress of long work, on stderr and only on a terminal. */
  progress(done: number, total: number | undefined, label: Text): void;
}

/** What a running command reaches: the host, who asked, and where its answer goes. @public @since 1.0.0 */
export interface CommandContext extends ExtensionContext {
  /** The operator, or who was named by `--as`. */
  readonly actor: Actor;
  /** Where the answer goes. */
  readonly out: Output;
  /** Aborted by Ctrl C. */
  readonly signal: AbortSignal;
  /** The exit code of a command that worked but has something to say (`maps check`: 1 differs). */
  setExitCode(code: number): void;
  /** Asks before something that cannot be undone. Without a terminal it throws a `usage` problem unless `--yes` was given. */
  confirm(question: Text): Promise<void>;
  /** Reads a secret from a file, or from standard input for `-`; one trailing newline is dropped. */
  readSecret(path: string): Promise<string>;
}

/** A command as its slot keeps it; `command` makes one. @public @since 1.0.0 */
export interface Command {
  /** Begins with the extension's id, or stands in `claims.commands`. */
  readonly noun: string;
  /** What is done: a word, or two where a noun has things of its own (`plan list`). */
  readonly verb: string;
  /** One line for the list of commands. */
  readonly summary: Text;
  /** More for its own help. */
  readonly description?: Text;
  /** Command lines without the program's name, shown in the help. */
  readonly examples: readonly string[];
  /** What the actor must hold, or `public`. */
  readonly permission: string;
  /** Names of fields that are given by position, in order; a list field comes last and takes the rest. */
  readonly positional: readonly string[];
  /** Arguments and options. */
  readonly input: Shape;
  /** Asks, or needs `--yes`. */
  readonly isDestructive: boolean;
  /** Does it. `input` is checked. What it throws decides the exit code. */
  run(input: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void>;
}

/** What `command` takes. `input` types what `run` gets. @public @since 1.0.0 */
export interface CommandDefinition<S extends Shape> {
  readonly noun: string;
  readonly verb: string;
  readonly summary: Text;
  readonly description?: Text;
  readonly examples: readonly string[];
  readonly permission: string;
  readonly positional?: readonly (keyof S & string)[];
  readonly input: S;
  readonly isDestructive?: boolean;
  run(input: Values<S>, context: CommandContext): Promise<void>;
}

/** The slot of commands. @public @since 1.0.0 */
export const commands = slot<Command>('host.commands@1');

/**
 * A command `posthorn NOUN VERB`. Fields become arguments and `--kebab-case` options; booleans get `--x` and `--no-x`.
 * @public @since 1.0.0
 */
export const command = <const S extends Shape>(c: CommandDefinition<S>): Contribution =>
  contribute(commands, {
    ...c,
    positional: c.positional ?? [],
    isDestructive: c.isDestructive ?? false,
    run: c.run as unknown as Command['run'],
  });
