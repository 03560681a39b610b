import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Claims, z } from '@posthorn/sdk';
import { linkedNames, linkPath } from '../packages/version-folders.js';

/** The `posthorn` block of a package.json: who an extension is, readable without running its code. */
const block = z.object({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower case letters, digits and dashes, beginning with a letter'),
  sdk: z.string().min(1),
  requires: z.record(z.string(), z.string()).optional(),
  optional: z.record(z.string(), z.string()).optional(),
  entry: z.string().min(1).default('./dist/index.js'),
  claims: z
    .object({
      tables: z.array(z.string()).optional(),
      permissions: z.array(z.string()).optional(),
      commands: z.array(z.string()).optional(),
      endpoints: z.array(z.string()).optional(),
      imports: z.array(z.string()).optional(),
    })
    .optional(),
});

export interface ExtensionPackage {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly sdk: string;
  readonly requires: Readonly<Record<string, string>>;
  readonly claims: Claims;
  /** Absolute, symbolic links resolved. */
  readonly directory: string;
  /** Absolute path of the module with the definition. */
  readonly entry: string;
  /** Where its authors want to hear of mistakes: an address of the web, or of e-mail. */
  readonly bugs?: string;
  /** Why it cannot be used, if that is already plain. */
  readonly problem?: string;
  /** Folder of the instance that it is installed in: nothing is imported from there before it was tried. */
  readonly instance?: string;
}

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  posthorn: z.unknown().optional(),
  bugs: z
    .union([
      z.string().transform((url) => ({ url, email: undefined })),
      z.object({ url: z.string(), email: z.string() }).partial(),
    ])
    .optional()
    .catch(undefined),
});

// `add` and `doctor` are pages beside those of the extensions; `jobs` is a noun of the API.
const RESERVED = new Set(['core', 'host', 'jobs', 'add', 'doctor', '__proto__', 'constructor', 'prototype']);

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8')) as unknown;
}

/** Where this kernel's own SDK lies; an extension must meet the same copy, or entity classes would be two. */
async function ownSdk(): Promise<string> {
  return realpath(createRequire(import.meta.url).resolve('@posthorn/sdk/package.json'));
}

async function otherSdk(packageJson: string, own: string): Promise<string | undefined> {
  try {
    const theirs = await realpath(createRequire(packageJson).resolve('@posthorn/sdk/package.json'));
    return theirs === own ? undefined : `brings its own copy of @posthorn/sdk (${theirs}); make it a peer dependency`;
  } catch {
    return 'does not find @posthorn/sdk; make it a peer dependency';
  }
}

/**
 * Reads what was added to the instance and its dependencies, and the `posthorn` block of each. Runs no code of theirs.
 * What was added goes before a dependency of the same name.
 */
export async function discover(directory: string): Promise<readonly ExtensionPackage[]> {
  const root = z
    .object({ dependencies: z.record(z.string(), z.string()).default({}) })
    .parse(await readJson(join(directory, 'package.json')));
  const paths = new Map(Object.keys(root.dependencies).map((name) => [name, join(directory, 'node_modules', name)]));
  for (const name of await linkedNames(directory)) paths.set(name, linkPath(directory, name));
  const own = await ownSdk();
  const found: ExtensionPackage[] = [];
  for (const [name, path] of [...paths].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const extension = await inspectPackage(path, name, own);
    if (extension !== undefined) found.push({ ...extension, instance: directory });
  }
  return found;
}

/**
 * Reads one package's manifest and runs none of its code. Undefined where the folder holds no package, or one without a
 * `posthorn` block. `sdk` is the real path of the manifest of the SDK that it must find; default: this kernel's own.
 */
export async function inspectPackage(path: string, name: string, sdk?: string): Promise<ExtensionPackage | undefined> {
  let directory: string;
  let raw: z.infer<typeof manifest>;
  try {
    directory = await realpath(path);
    raw = manifest.parse(await readJson(join(directory, 'package.json')));
  } catch {
    return undefined; // Not installed: the desired set will name it as missing.
  }
  if (raw.posthorn === undefined) return undefined;
  const parsed = block.safeParse(raw.posthorn);
  const bugs = raw.bugs?.url ?? raw.bugs?.email;
  const about = bugs === undefined ? {} : { bugs };
  const base = { ...about, package: name, version: raw.version, directory, entry: '', requires: {}, claims: {} };
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const reason = `its posthorn block is wrong: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
    const id = (raw.posthorn as { id?: unknown } | null)?.id;
    return { ...base, id: typeof id === 'string' ? id : name, sdk: '', problem: reason };
  }
  const entry = join(directory, parsed.data.entry);
  const problem = RESERVED.has(parsed.data.id)
    ? `the id ${parsed.data.id} is reserved`
    : !entry.startsWith(`${directory}/`)
      ? 'its entry lies outside the package'
      : await otherSdk(join(directory, 'package.json'), sdk ?? (await ownSdk()));
  return {
    ...base,
    id: parsed.data.id,
    sdk: parsed.data.sdk,
    requires: parsed.data.requires ?? {},
    claims: (parsed.data.claims ?? {}) as Claims,
    entry,
    ...(problem === undefined ? {} : { problem }),
  };
}
