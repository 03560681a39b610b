/** What each file of a set should hold and what lies there now; `write` and `check` both start from it. */
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Contributed,
  type DatabaseTarget,
  type ExtensionContext,
  type FileSet,
  type GeneratedFile,
  instance,
  isProblem,
  type MapFile,
  messages,
  plainText,
  type Text,
} from '@posthorn/sdk';
import { causeText } from '../text/cause-text.js';
import { callInFrame, frameOf } from '../watch/attribution.js';
import { type Checksums, md5, parseChecksums } from './checksums.js';
import { bodyOf, shellWord, withHeader } from './header.js';
import { fileProblem } from './problems.js';
import { keepConnection, renderLookupTable } from './sql-lookup.js';
import { diskProblem } from './staged-file.js';

export interface FileSetRequest {
  readonly set: FileSet;
  readonly files: readonly Contributed<GeneratedFile>[];
  readonly maps: readonly Contributed<MapFile>[];
  readonly database: DatabaseTarget;
  /** Absolute. */
  readonly directory: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Replaces files that were edited by hand, and credentials that were kept. */
  readonly force?: boolean;
  readonly context: ExtensionContext;
}

export type FileMode = GeneratedFile['mode'];

export interface PlannedFile {
  readonly name: string;
  readonly mode: FileMode;
  /** The whole text, header included. */
  readonly wanted: string;
  /** What lies there, or undefined. */
  readonly existing: ExistingFile | undefined;
  /** It holds exactly what it should, a header of another version or command line aside. */
  readonly isSame: boolean;
  /** No record says that we wrote what lies there. */
  readonly isEdited: boolean;
  /** It has a record: what lies there is an edit of something we wrote. */
  readonly isKnown: boolean;
  /** Why `wanted` is not simply what the configuration says. */
  readonly reason: Text | undefined;
}

export interface ExistingFile {
  readonly text: string;
  readonly md5: string;
  /** Permission bits. */
  readonly permissions: number;
}

export interface Plan {
  readonly files: readonly PlannedFile[];
  readonly checksums: Checksums;
  readonly checksumText: string | undefined;
}

interface Source {
  readonly from: string;
  readonly name: string;
  readonly summary: Text;
  readonly mode: FileMode;
  readonly comment: '#' | '--' | '//';
  readonly firstLine: string | undefined;
  render(previous: string | undefined): Promise<{ readonly body: string; readonly reason?: Text }>;
}

const t = messages('host');
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
// Line feed and tab may stand in a file; everything else below the space may not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Renders everything before anything is written: a file that cannot be made leaves all others as they are. */
export async function planFileSet(o: FileSetRequest): Promise<Plan> {
  const checksumText = (await readExisting(o.directory, o.set.checksumFile))?.text;
  const checksums = parseChecksums(checksumText ?? '');
  const version = o.context.find(instance)?.version ?? '';
  const command = commandLine(o);
  const files: PlannedFile[] = [];
  for (const source of sourcesOf(o)) {
    const existing = await readExisting(o.directory, source.name);
    const records = checksums.get(source.name) ?? [];
    const record = records.find((one) => one.md5 === existing?.md5);
    const isEdited = existing !== undefined && record === undefined;
    const isOurs = record !== undefined && record.dialect === o.database.dialect && o.force !== true;
    const { body, reason } = await rendered(source, isOurs ? existing?.text : undefined);
    files.push({
      name: source.name,
      mode: source.mode,
      wanted: withHeader(body, {
        comment: source.comment,
        firstLine: source.firstLine,
        version,
        summary: plainText(source.summary),
        command,
      }),
      existing,
      isSame: existing !== undefined && bodyOf(existing.text, source) === body,
      isEdited,
      isKnown: records.length > 0,
      reason:
        reason ??
        (record !== undefined && !isOurs && o.force !== true ? t('it was written for another database') : undefined),
    });
  }
  return { files, checksums, checksumText };
}

async function rendered(
  source: Source,
  previous: string | undefined,
): Promise<{ readonly body: string; readonly reason?: Text }> {
  const { from, name: file } = source;
  const made = await callInFrame(frameOf(from, `file:${file}`), () => source.render(previous)).catch(
    (error: unknown) => {
      if (isProblem(error)) throw error;
      throw fileProblem('E_FILE_RENDER', { from, file, reason: causeText(error) }, { cause: error });
    },
  );
  if (CONTROL.test(made.body) || !made.body.isWellFormed()) throw fileProblem('E_FILE_CONTENT', { from, file });
  return { ...made, body: made.body.endsWith('\n') ? made.body : `${made.body}\n` };
}

function sourcesOf(o: FileSetRequest): readonly Source[] {
  const sources = [
    ...o.maps.filter(({ item }) => item.set === o.set.id).map((one) => mapSource(one, o)),
    ...o.files.filter(({ item }) => item.set === o.set.id).map((one) => fileSource(one, o)),
  ];
  const owners = new Map([[o.set.checksumFile, 'host']]);
  for (const { name, from } of sources) {
    if (!NAME.test(name)) throw fileProblem('E_FILE_NAME', { from, file: name });
    const first = owners.get(name);
    if (first !== undefined) throw fileProblem('E_FILE_TWICE', { first, second: from, file: name });
    owners.set(name, from);
  }
  return sources;
}

function mapSource({ item, from }: Contributed<MapFile>, o: FileSetRequest): Source {
  return {
    from,
    name: item.name,
    summary: item.summary,
    // A database that is a file needs no password to be read.
    mode: o.database.dialect === 'sqlite' ? 'public' : 'secret',
    comment: '#',
    firstLine: undefined,
    async render(previous) {
      const body = renderLookupTable({ name: item.name, from, query: item.query[o.database.dialect] }, o.database);
      const kept = previous === undefined ? undefined : keepConnection(body, previous);
      if (kept === undefined) return { body };
      return { body: kept, reason: t('it keeps its own database credentials, which differ from the configuration') };
    },
  };
}

function fileSource({ item, from }: Contributed<GeneratedFile>, o: FileSetRequest): Source {
  return {
    from,
    name: item.name,
    summary: item.summary,
    mode: item.mode,
    comment: item.comment,
    firstLine: item.firstLine,
    async render(previous) {
      const { database, options, directory, context } = o;
      return { body: await item.render({ database, options, directory, context, previous }) };
    },
  };
}

/** `posthorn maps write /etc/maps`: what an operator types to get the file again. */
function commandLine(o: FileSetRequest): string {
  const options = Object.entries(o.options).flatMap(([name, value]) => {
    const flag = name.replaceAll('_', '-');
    if (value === undefined || value === null) return [];
    if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
    return (Array.isArray(value) ? value : [value]).flatMap((one) => [`--${flag}`, shellWord(String(one))]);
  });
  return ['posthorn', o.set.id, 'write', shellWord(o.directory), ...options].join(' ');
}

/** What lies there, or undefined. Throws where it is no regular file or cannot be read. */
export async function readExisting(directory: string, name: string): Promise<ExistingFile | undefined> {
  const path = join(directory, name);
  try {
    // O_NONBLOCK: a pipe that somebody put there must not hold us.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isFile())
        throw fileProblem('E_FILE_FAILED', { file: path, what: t('read'), reason: t('it is not a regular file') });
      const content = await readFile(handle);
      return { text: content.toString('utf8'), md5: md5(content), permissions: found.mode & 0o7777 };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isProblem(error)) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw diskProblem(error, path, 'read');
  }
}

/** Whether the directory is there. A path to something else is refused. */
export async function hasDirectory(directory: string): Promise<boolean> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
  if (/[\u0000-\u001f\u007f-\u009f]/.test(directory)) throw fileProblem('E_FILE_PATH');
  try {
    if ((await stat(directory)).isDirectory()) return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw fileProblem('E_FILE_DIRECTORY', { directory, reason: code ?? String(error) }, { cause: error });
  }
  throw fileProblem('E_FILE_DIRECTORY', { directory, reason: t('it is not a directory') });
}
