import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts an extension in plain JavaScript into an instance; `members` are those of its definition beside the usual ones. */
export async function install(
  directory: string,
  id: string,
  o: {
    readonly head?: string;
    readonly members?: string;
    readonly requires?: Readonly<Record<string, string>>;
    readonly bugs?: unknown;
  } = {},
): Promise<void> {
  const name = `posthorn-${id}`;
  const folder = join(directory, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  const requires = o.requires ?? {};
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      name,
      version: '1.0.0',
      type: 'module',
      bugs: o.bugs,
      posthorn: { id, sdk: '^1.0.0', entry: './index.js', requires },
    }),
  );
  await writeFile(
    join(folder, 'index.js'),
    `import { defineExtension, hook, on, page, view, download } from '@posthorn/sdk';
${o.head ?? ''}
export default defineExtension({
  id: '${id}', version: '1.0.0', sdk: '^1.0.0', title: '${id}', requires: ${JSON.stringify(requires)},
  ${o.members ?? ''}
});
`,
  );
  const file = join(directory, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: Record<string, string> };
  await writeFile(
    file,
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, [name]: '1.0.0' } }, null, 2),
  );
}
