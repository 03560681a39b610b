/** Writes and compares families of generated files. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSet, messages, type Text } from '@posthorn/sdk';
import { type Checksum, type Checksums, formatChecksums, md5 } from './checksums.js';
import { findGroupId } from './groups.js';
import { type FileMode, type FileSetRequest, hasDirectory, type PlannedFile, planFileSet } from './plan.js';
import { fileProblem } from './problems.js';
import { type Ownership, type StagedFile, stageFile, syncDirectory } from './staged-file.js';

export type { FileSetRequest } from './plan.js';

export type FileAction = 'created' | 'updated' | 'unchanged' | 'kept-by-hand';

export interface FileResult {
  readonly name: string;
  readonly action: FileAction;
  readonly reason?: Text;
}

export type FileState = 'same' | 'differs' | 'missing' | 'edited';

export interface FileComparison {
  readonly name: string;
  readonly state: FileState;
  readonly reason?: Text;
}

const t = messages('host');

/**
 * Brings every file of the set up to date. Files that somebody edited are left alone unless `force`; an unedited file
 * keeps its own database credentials. All new content is on the disk before the first file is replaced, and the record
 * knows the old and the new content while that happens: a crash or a full disk leaves whole files that are still ours.
 */
export async function writeFileSet(o: FileSetRequest): Promise<readonly FileResult[]> {
  await makeDirectory(o.directory);
  const plan = await planFileSet(o);
  const decided = plan.files.map((file) => ({ file, ...decide(file, o.force === true) }));
  const owners = await ownerships(
    o.set,
    plan.files.map((file) => file.mode),
  );
  const written = new Set(
    decided.filter(({ action }) => action === 'created' || action === 'updated').map(({ file }) => file),
  );

  const before: Checksums = new Map(plan.checksums);
  const after: Checksums = new Map(plan.checksums);
  for (const { file, action } of decided) {
    if (action === 'kept-by-hand') continue;
    const sum: Checksum = {
      dialect: o.database.dialect,
      md5: written.has(file) ? md5(file.wanted) : (file.existing?.md5 ?? ''),
    };
    before.set(file.name, [...(before.get(file.name) ?? []), sum]);
    after.set(file.name, [sum]);
  }

  const staged: StagedFile[] = [];
  const stage = async (name: string, content: string, mode: FileMode): Promise<void> => {
    staged.push(await stageFile(o.directory, name, content, owners.of(mode)));
  };
  const record = async (checksums: Checksums): Promise<void> => {
    // A password could be guessed from the sum of a file that holds it.
    const mode = plan.files.some((file) => file.mode === 'secret') ? 'secret' : 'public';
    await stage(o.set.checksumFile, formatChecksums(checksums), mode);
  };
  try {
    if (written.size > 0) await record(before);
    for (const file of written) await stage(file.name, file.wanted, file.mode);
    if (written.size > 0 || formatChecksums(after) !== plan.checksumText) await record(after);
    for (const one of staged) await one.commit();
  } finally {
    await Promise.all(staged.map((one) => one.discard()));
  }
  if (staged.length > 0) await syncDirectory(o.directory);

  const results: FileResult[] = [];
  for (const { file, action, reason } of decided) {
    const isTightened = action === 'unchanged' && (await mendPermissions(o.directory, file));
    const notes = [
      reason,
      isTightened ? t('its permissions were mended') : undefined,
      written.has(file) && file.mode === 'secret'
        ? owners.note(staged.some((one) => one.name === file.name && one.isPrivate))
        : undefined,
    ].filter((note) => note !== undefined);
    const [first] = notes;
    results.push({
      name: file.name,
      action,
      ...(first === undefined
        ? {}
        : { reason: notes.slice(1).reduce<Text>((all, note) => t('{{all}}; {{note}}', { all, note }), first) }),
    });
  }
  return results;
}

/** Compares what is there with what `writeFileSet` would leave there. Changes nothing. */
export async function checkFileSet(o: FileSetRequest): Promise<readonly FileComparison[]> {
  if (!(await hasDirectory(o.directory))) {
    throw fileProblem('E_FILE_DIRECTORY', { directory: o.directory, reason: t('it does not exist') });
  }
  const plan = await planFileSet(o);
  return plan.files.map(({ name, existing, isSame, isEdited, isKnown, reason }): FileComparison => {
    if (existing === undefined) return { name, state: 'missing' };
    if (isSame) return { name, state: 'same', ...(reason === undefined ? {} : { reason }) };
    if (isEdited) return { name, state: 'edited', reason: editReason(isKnown) };
    return { name, state: 'differs', ...(reason === undefined ? {} : { reason }) };
  });
}

function decide(file: PlannedFile, isForced: boolean): { readonly action: FileAction; readonly reason?: Text } {
  const why = file.reason === undefined ? {} : { reason: file.reason };
  if (file.existing === undefined) return { action: 'created' };
  if (file.isSame) return { action: 'unchanged', ...why };
  if (file.isEdited && !isForced) return { action: 'kept-by-hand', reason: editReason(file.isKnown) };
  return { action: 'updated', ...why };
}

const editReason = (isKnown: boolean): Text =>
  isKnown
    ? t('it was edited by hand; --force replaces it')
    : t('nothing records that Posthorn wrote it; --force replaces it');

async function makeDirectory(directory: string): Promise<void> {
  if (await hasDirectory(directory)) return;
  try {
    await mkdir(directory);
    // Programs that run as other users have to enter it, whatever the umask is.
    await chmod(directory, 0o755);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const reason = code === 'ENOENT' ? t('its parent does not exist') : (code ?? String(error));
    throw fileProblem('E_FILE_DIRECTORY', { directory, reason }, { cause: error });
  }
}

interface Ownerships {
  of(mode: FileMode): Ownership;
  note(isRefused: boolean): Text | undefined;
}

async function ownerships(set: FileSet, modes: readonly FileMode[]): Promise<Ownerships> {
  const { group } = set;
  const gid = group === undefined || !modes.includes('secret') ? undefined : await findGroupId(group);
  // Others than root may give a file only to groups they are in (chown(2)).
  const mayGive = gid !== undefined && (process.geteuid?.() === 0 || process.getgroups?.().includes(gid) === true);
  return {
    of(mode) {
      if (mode === 'program') return { mode: 0o755 };
      if (mode === 'public') return { mode: 0o644 };
      return gid !== undefined && mayGive ? { mode: 0o640, gid } : { mode: 0o600 };
    },
    note(isRefused) {
      if (group === undefined) return undefined;
      if (gid === undefined)
        return t('readable by its owner only, because the group {{group}} does not exist', { group });
      if (mayGive && !isRefused) return undefined;
      return t('readable by its owner only; run the command as root to open it to the group {{group}}', { group });
    },
  };
}

/** An unchanged file that everybody may read although it holds a secret, or that nobody may run, is mended. */
async function mendPermissions(directory: string, file: PlannedFile): Promise<boolean> {
  const now = file.existing?.permissions ?? 0;
  const wanted = { secret: now & ~0o027, public: now | 0o444, program: now | 0o555 }[file.mode];
  if (wanted === now) return false;
  try {
    await chmod(join(directory, file.name), wanted);
    return true;
  } catch {
    return false;
  }
}
