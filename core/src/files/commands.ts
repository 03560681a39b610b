/** The commands of every contributed file set: `posthorn <set> write DIR` and `posthorn <set> check DIR`. */
import { resolve } from 'node:path';
import {
  type CommandContext,
  type Contributed,
  type Contribution,
  command,
  type FileSet,
  field,
  generatedFiles,
  instance,
  mapFiles,
  messages,
  plainText,
  type Shape,
} from '@posthorn/sdk';
import { fileProblem } from './problems.js';
import { checkFileSet, type FileSetRequest, writeFileSet } from './writer.js';

const t = messages('host');
const MANAGE = 'core.manage_files';

export const fileSetCommands = (sets: readonly Contributed<FileSet>[]): readonly Contribution[] =>
  sets.flatMap(({ item }) => [writeCommand(item), checkCommand(item)]);

const directory = () => field.string({ label: t('Directory'), help: t('Where the files lie'), min: 1, max: 4096 });

function shapeOf(set: FileSet, own: Shape): Shape {
  for (const option of Object.keys(set.options)) {
    if (Object.hasOwn(own, option)) throw fileProblem('E_FILE_OPTION', { set: set.id, option });
  }
  return { ...own, ...set.options };
}

function request(set: FileSet, input: Readonly<Record<string, unknown>>, context: CommandContext): FileSetRequest {
  const options = Object.fromEntries(
    Object.keys(set.options)
      .filter((name) => input[name] !== undefined)
      .map((name) => [name, input[name]]),
  );
  return {
    set,
    files: context.items(generatedFiles),
    maps: context.items(mapFiles),
    database: context.get(instance).database,
    directory: resolve(String(input['directory'])),
    options,
    force: input['force'] === true,
    context,
  };
}

const writeCommand = (set: FileSet): Contribution =>
  command({
    noun: set.id,
    verb: 'write',
    summary: set.summary,
    description: t('Files that somebody edited are left alone, unless --force is given.'),
    examples: set.examples,
    permission: MANAGE,
    positional: ['directory'],
    input: shapeOf(set, {
      directory: directory(),
      force: field.boolean({ label: t('Force'), help: t('Replace files that were edited by hand') }).default(false),
    }),
    async run(input, context) {
      const o = request(set, input, context);
      const results = await writeFileSet(o);
      await context.out.list(
        results.map(({ name, action, reason }) => ({
          file: name,
          action,
          reason: reason === undefined ? null : plainText(reason),
        })),
        ['file', 'action', 'reason'],
      );
      const kept = results.filter(({ action }) => action === 'kept-by-hand').map(({ name }) => name);
      if (kept.length > 0)
        context.out.warn(t('Left alone because they were edited by hand: {{files}}', { files: kept.join(', ') }));
      if (results.every(({ action }) => action === 'unchanged' || action === 'kept-by-hand')) return;
      for (const note of set.afterwards?.(o.options, o.directory) ?? []) context.out.note(note);
    },
  });

const checkCommand = (set: FileSet): Contribution =>
  command({
    noun: set.id,
    verb: 'check',
    summary: t('Compare files with what would be written: {{title}}', { title: set.title }),
    description: t(
      'Ends with 0 where all files are as they should be, with 1 where one is missing, edited or out of date.',
    ),
    examples: [
      ...new Set(
        set.examples
          .filter((example) => example.startsWith(`${set.id} write `))
          .map((example) => example.replace(' write ', ' check ').replace(' --force', '')),
      ),
    ],
    permission: MANAGE,
    positional: ['directory'],
    input: shapeOf(set, { directory: directory() }),
    async run(input, context) {
      const found = await checkFileSet(request(set, input, context));
      await context.out.list(
        found.map(({ name, state, reason }) => ({
          file: name,
          action: state,
          reason: reason === undefined ? null : plainText(reason),
        })),
        ['file', 'action', 'reason'],
      );
      if (found.some(({ state }) => state !== 'same')) context.setExitCode(1);
    },
  });
