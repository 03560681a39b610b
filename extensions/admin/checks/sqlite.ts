import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ExtensionContext, type Finding, instance, messages } from '@posthorn/sdk';

const t = messages('admin');

/**
 * Postfix opens the database without waiting for locks and dies where it is locked, so that it has to be in WAL mode;
 * and whoever reads in WAL mode must be able to write the side files (sqlite.org/wal.html, section 5): directory and
 * files belong to the group postfix.
 */
export async function checkSqlite(context: ExtensionContext): Promise<readonly Finding[]> {
  const { dialect, path } = context.get(instance).database;
  if (dialect !== 'sqlite') return [];
  const group = await groupId('postfix');
  return [
    await journal(context),
    ...(group === undefined ? [noGroup] : await ownership(path, group)),
    ...(await parents(dirname(dirname(path)))),
  ];
}

const noGroup: Finding = {
  level: 'warning',
  message: t('There is no group postfix on this machine, so the rights of the database file were not looked at.'),
  mend: t('Install Postfix, or ignore this where it runs elsewhere (then use PostgreSQL or MariaDB).'),
};

async function journal(context: ExtensionContext): Promise<Finding> {
  const [row] = await context.data.execute<{ journal_mode: string }>('pragma journal_mode');
  const mode = row?.journal_mode ?? '';
  if (mode === 'wal') return { level: 'ok', message: t('The database is in WAL mode.') };
  return {
    level: 'error',
    message: t('The database is in {{mode}} mode: Postfix fails whenever somebody writes.', { mode }),
    mend: t('Stop everything that uses the file and run: sqlite3 FILE "pragma journal_mode=wal"'),
  };
}

async function ownership(path: string, group: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const directory = dirname(path);
  const folder = await stat(directory);
  if (folder.gid !== group || (folder.mode & 0o2070) !== 0o2070 || (folder.mode & 0o007) !== 0) {
    findings.push({
      level: 'error',
      message: t(
        'The directory {{directory}} has the rights {{mode}} and the group {{gid}}; Postfix needs 2770 and the group postfix.',
        {
          directory,
          mode: octal(folder.mode),
          gid: folder.gid,
        },
      ),
      mend: `chgrp postfix ${directory} && chmod 2770 ${directory}`,
    });
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || (found.gid === group && (found.mode & 0o660) === 0o660 && (found.mode & 0o007) === 0))
      continue;
    findings.push({
      level: 'error',
      message: t(
        'The file {{file}} has the rights {{mode}} and the group {{gid}}; Postfix needs 0660 and the group postfix.',
        {
          file,
          mode: octal(found.mode),
          gid: found.gid,
        },
      ),
      mend: `chgrp postfix ${file} && chmod 0660 ${file}`,
    });
  }
  if (findings.length === 0) findings.push({ level: 'ok', message: t('Postfix can read the database file.') });
  return findings;
}

/** Every directory above must let other users through. */
async function parents(from: string): Promise<Finding[]> {
  const closed: string[] = [];
  for (let at = from; ; at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) closed.unshift(at);
    if (at === dirname(at)) break;
  }
  return closed.map((directory) => ({
    level: 'error',
    message: t('Postfix and Dovecot cannot pass through the directory {{directory}}.', { directory }),
    mend: `chmod o+x ${directory}`,
  }));
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** group(5). */
async function groupId(name: string): Promise<number | undefined> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  const line = text.split('\n').find((one) => one.startsWith(`${name}:`));
  const id = line?.split(':')[2];
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}
