import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Quality, qualitySchema, reachedTier } from '../quality/quality.js';
import type { Check } from './check.js';
import { textCheck } from './package-checks.js';

const FILE = 'quality.json';
/** A page that says something is longer. */
const PAGE_MIN = 200;

export const qualityCheck: Check = {
  id: 'quality',
  name: 'what it says of its own quality holds',
  mend: 'Correct quality.json, or do what it says is done; docs/authors/quality.md lists the rules.',
  async look(s, o) {
    const path = join(s.folder, FILE);
    if (!existsSync(path)) return { skipped: `it has no ${FILE}` };
    const read = qualitySchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (!read.success) return read.error.issues.map((issue) => `${FILE}: ${issue.path.join('.')}: ${issue.message}`);
    const quality = read.data;
    const reached = reachedTier(quality);
    const wrong = quality.tier === reached ? [] : [`its tier is ${quality.tier}, but its rules make it ${reached}`];
    for (const [rule, fault] of await faultsOf(quality, s.folder, async () => textCheck.look(s, o)))
      if (Object.values(quality.rules).some((rules) => rules[rule] === 'done')) wrong.push(`${rule}: ${fault}`);
    return wrong;
  },
};

/** What a machine can tell: by rule, why it does not hold. */
async function faultsOf(
  { tests, documents }: Quality,
  folder: string,
  texts: () => ReturnType<Check['look']>,
): Promise<readonly (readonly [rule: string, fault: string])[]> {
  const faults: [string, string][] = [];
  const sources = tests.flatMap((at) => testsIn(join(folder, at))).map((file) => readFileSync(file, 'utf8'));
  const callsIt = (source: string): boolean => /^conformance\(/m.test(source);
  if (!sources.some(callsIt)) faults.push(['conformance', 'no test of it calls it']);
  if (!sources.some((source) => !callsIt(source) && /\b(?:it|test)\b[.(]/.test(source)))
    faults.push(['tests', 'there is none']);
  const page = join(folder, documents);
  if (!existsSync(page) || readFileSync(page, 'utf8').length < PAGE_MIN)
    faults.push(['documented', `${documents} says nothing`]);
  const looked = await texts();
  if ('skipped' in looked) faults.push(['translated', looked.skipped]);
  else if (!('warnings' in looked)) faults.push(...looked.map((line): [string, string] => ['translated', line]));
  return faults;
}

function testsIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:test|spec)\.[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
