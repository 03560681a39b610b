/**
 * The directories of mailboxes on disk: `<root>/<domain>/<local part>`, as the written Dovecot configuration has them.
 * Nothing is done through a shell, and no path leaves the root.
 */
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { messages } from '@posthorn/sdk';
import { parseAddress } from '../addresses.js';
import { problem } from '../problems.js';

const t = messages('admin');

const ASIDE = /^\.trash\/(\d+)\/(.+)$/;

export class MailboxDirectories {
  readonly #root: string;

  /** `root`: the absolute path given to `posthorn dovecot write --mail-home`. */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Where the mail of an address lies, or what was moved aside as `.trash/<entry>/<address>`: no domain begins with a dot.
   * Throws for anything that is no address of ours.
   */
  pathOf(place: string): string {
    const [, entry, aside] = ASIDE.exec(place) ?? [];
    const { local, domain, address } = parseAddress(aside ?? place);
    const path =
      aside === undefined ? join(this.#root, domain, local) : join(this.#root, '.trash', `${entry}-${address}`);
    const inside = relative(this.#root, path);
    if (inside === '' || isAbsolute(inside) || inside.split('/').includes('..') || inside.split('/').length !== 2) {
      throw problem('E_ADMIN_DIRECTORY', { path, reason: t('it lies outside the folder of the mailboxes') });
    }
    return path;
  }

  /** Moves the mail of one address to another. A source that is not there is no error: nothing was ever delivered. */
  async move(from: string, to: string): Promise<'moved' | 'nothing there'> {
    const source = this.pathOf(from);
    const target = this.pathOf(to);
    if (!(await isDirectory(source))) return 'nothing there';
    await this.#requireInside(source);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await this.#requireInside(dirname(target));
    if (await isDirectory(target)) {
      if ((await readdir(target)).length > 0)
        throw problem('E_ADMIN_DIRECTORY', { path: target, reason: t('there is mail in it already') });
      await rmdir(target);
    }
    await rename(source, target);
    return 'moved';
  }

  /** Removes the mail of an address for good. */
  async remove(address: string): Promise<'removed' | 'nothing there'> {
    const path = this.pathOf(address);
    if (!(await isDirectory(path))) return 'nothing there';
    await this.#requireInside(path);
    await rm(path, { recursive: true });
    return 'removed';
  }

  /** A symbolic link on the way must not lead elsewhere. */
  async #requireInside(path: string): Promise<void> {
    const root = await realpath(this.#root);
    const inside = relative(root, await realpath(path));
    if (inside === '' || isAbsolute(inside) || inside.startsWith('..')) {
      throw problem('E_ADMIN_DIRECTORY', {
        path,
        reason: t('a symbolic link leads out of the folder of the mailboxes'),
      });
    }
  }
}

/** A link is not one: it is never followed. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
