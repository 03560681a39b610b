import type { ExtensionContext } from '../context.js';
import type { Dialect } from '../data.js';
import type { Shape, Values } from '../field.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/**
 * How a program beside us reaches the database. Values come from the configuration; no secret is ever logged.
 * @public @since 1.0.0
 */
export interface DatabaseTarget {
  /** Which database it is. */
  readonly dialect: Dialect;
  /** Absolute path of the database file (SQLite only, otherwise ''). */
  readonly path: string;
  readonly host: string;
  /** 0 for SQLite. */
  readonly port: number;
  /** Path of a unix socket instead of host and port, or ''. */
  readonly socket: string;
  /** Empty for SQLite. */
  readonly user: string;
  /** In clear; empty where none is needed. */
  readonly password: string;
  /** Of the database; empty for SQLite. */
  readonly name: string;
}

/** A family of files written together: `posthorn <id> write DIR`, `posthorn <id> check DIR`. @public @since 1.0.0 */
export interface FileSet {
  /** The command's noun. */
  readonly id: string;
  /** What the family is called. */
  readonly title: Text;
  /** One line for the help of its command. */
  readonly summary: Text;
  /** Name of the file that records `name:dialect:md5` per written file, so that edits by hand are noticed and kept. */
  readonly checksumFile: string;
  /** System group that may read the set's `secret` files. */
  readonly group?: string;
  /** More options of `write`, read by the files' `render`. */
  readonly options: Shape;
  /** Command lines without the program's name. */
  readonly examples: readonly string[];
  /** Said after writing: what to reload, what to include. */
  readonly afterwards?: (options: Readonly<Record<string, unknown>>, directory: string) => readonly Text[];
}

/** What a file is written from. @public @since 1.0.0 */
export interface RenderInput {
  /** How the program that reads the file reaches the database. */
  readonly database: DatabaseTarget;
  /** Those of the family, checked. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Absolute path of the directory that is written. */
  readonly directory: string;
  /** The way to the host. */
  readonly context: ExtensionContext;
  /** What an earlier run wrote and nobody edited: `read('user')` keeps a credential an operator was told to keep. */
  readonly previous: string | undefined;
}

/** One file of a family, written by `render`. @public @since 1.0.0 */
export interface GeneratedFile {
  /** The id of its family. */
  readonly set: string;
  /** The file's name. */
  readonly name: string;
  /** One line for its header. */
  readonly summary: Text;
  /** `secret`: 0640 root:<group> where the group exists, else 0600. `public`: 0644. `program`: 0755. */
  readonly mode: 'secret' | 'public' | 'program';
  /** How a comment begins in this file's format; the header of three lines is written with it. */
  readonly comment: '#' | '--' | '//';
  /** First line that must stand before the header (`#!/bin/sh`). */
  readonly firstLine?: string;
  /** The whole file without its header. */
  render(input: RenderInput): string | Promise<string>;
}

/**
 * A lookup table over SQL. Placeholders: `%s` the whole key, `%u` its local part, `%d` its part after the `@`.
 * @public @since 1.0.0
 */
export interface MapFile {
  /** The id of its family. */
  readonly set: string;
  /** The file's name. */
  readonly name: string;
  /** One line for its header. */
  readonly summary: Text;
  readonly query: Readonly<Record<Dialect, string>>;
}

/** The slot of families of files. @public @since 1.0.0 */
export const fileSets = slot<FileSet>('host.file-sets@1');
/** The slot of files that are written by code. @public @since 1.0.0 */
export const generatedFiles = slot<GeneratedFile>('host.generated-files@1');
/** The slot of lookup tables. @public @since 1.0.0 */
export const mapFiles = slot<MapFile>('host.map-files@1');

/** Contributes a family of files. `options` types what `afterwards` gets. @public @since 1.0.0 */
export const fileSet = <const S extends Shape>(
  s: Omit<FileSet, 'options' | 'afterwards'> & {
    readonly options?: S;
    readonly afterwards?: (options: Values<S>, directory: string) => readonly Text[];
  },
): Contribution =>
  contribute(fileSets, {
    ...s,
    options: s.options ?? {},
    ...(s.afterwards === undefined
      ? {}
      : { afterwards: s.afterwards as unknown as NonNullable<FileSet['afterwards']> }),
  } as FileSet);
/** Contributes one file to a family. @public @since 1.0.0 */
export const generatedFile = (f: GeneratedFile): Contribution => contribute(generatedFiles, f);
/** Contributes a lookup table to a family. @public @since 1.0.0 */
export const mapFile = (f: MapFile): Contribution => contribute(mapFiles, f);

/** A sentence said after the schema changed, by `migrate up` and by enabling: what to reload. @public @since 1.0.0 */
export const afterMigration = slot<Text>('host.after-migration@1');
