import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from '@posthorn/sdk';

const person = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const place = z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)]);
const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const manifest = z.object({
  author: optional(person),
  license: optional(z.string()),
  homepage: optional(z.string()),
  bugs: optional(place),
});

/** What the author of a package says of it. Undefined where he says nothing that can be read. */
export interface PackageFacts {
  readonly author: string | undefined;
  readonly licence: string | undefined;
  /** Addresses of http or https; others are left out, because they are shown as links. */
  readonly homepage: string | undefined;
  readonly bugs: string | undefined;
}

/** From the package.json in a folder. None of its code runs. */
export async function packageFacts(directory: string): Promise<PackageFacts> {
  const read = async (): Promise<unknown> => JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const found = manifest.safeParse(await read().catch(() => ({})));
  const { author, license, homepage, bugs } = found.success ? found.data : {};
  return { author, licence: license, homepage: webAddress(homepage), bugs: webAddress(bugs) };
}

function webAddress(text: string | undefined): string | undefined {
  const url = URL.parse(text ?? '');
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}
