import { randomBytes } from 'node:crypto';
import { chownSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the instance's configuration, for its owner only. */
const FOLDER = 'secrets';
const FILE = 'keys';
const LINE = /^([a-z0-9-]{1,20}) ([A-Za-z0-9+/]{43}=)$/;

/** A line of the key file: an id and 32 random bytes in base64. */
export const newKeyLine = (): string => `${randomBytes(4).toString('hex')} ${randomBytes(32).toString('base64')}\n`;

export interface Key {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

/**
 * The keys of an instance, `secrets/keys` in its folder: one per line, the first one encrypts, all decrypt. To change the
 * key, `rotate` puts a new line first. The file is made when it is first needed.
 */
export class KeyRing {
  #keys: readonly Key[] | undefined;

  constructor(private readonly directory: string) {}

  /** The key to encrypt with. Throws where the file cannot be read or made, or holds no key. */
  current(): Key {
    this.#keys ??= this.#read() ?? this.#make();
    return this.#keys[0] as Key;
  }

  /** The key of this id, or undefined; the file is read anew for an id that is not known. */
  find(id: string): Key | undefined {
    const known = (keys: readonly Key[] | undefined): Key | undefined => keys?.find((key) => key.id === id);
    const key = known(this.#keys);
    if (key !== undefined) return key;
    this.#keys = this.#read();
    return known(this.#keys);
  }

  /**
   * Makes a new key the one to encrypt with; the older ones stay, for what is sealed with them. Other processes go on with
   * the key they have read, and find the new one when they meet it. Returns its id.
   */
  rotate(): string {
    this.current();
    const line = newKeyLine();
    const aside = `${this.#path}.${process.pid}`;
    writeFileSync(aside, `${line}${readFileSync(this.#path, 'utf8')}`, { mode: 0o600 });
    const { uid, gid } = statSync(this.#path);
    // the operator may be root, and workers read it as somebody else
    if (process.getuid?.() === 0) chownSync(aside, uid, gid);
    renameSync(aside, this.#path);
    this.#keys = this.#read();
    return this.current().id;
  }

  get #path(): string {
    return join(this.directory, FOLDER, FILE);
  }

  #read(): readonly Key[] | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const keys = text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line, index): Key => {
        const [, id, secret] = LINE.exec(line.trim()) ?? [];
        // the line itself may be a key with a slip in it
        if (id === undefined || secret === undefined) throw new Error(`${this.#path}:${index + 1} is not a key`);
        return { id, secret: Buffer.from(secret, 'base64') };
      });
    if (keys.length === 0) throw new Error(`${this.#path} holds no key`);
    return keys;
  }

  /** Written aside and linked into place: of several processes one wins, and none sees half a file. */
  #make(): readonly Key[] {
    mkdirSync(join(this.directory, FOLDER), { recursive: true, mode: 0o700 });
    const aside = `${this.#path}.${process.pid}`;
    writeFileSync(aside, newKeyLine(), { mode: 0o600 });
    try {
      linkSync(aside, this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(aside, { force: true });
    }
    return this.#read() as readonly Key[];
  }
}
