import type { Endpoint } from '@posthorn/sdk';

/**
 * What an endpoint's code returned, as far as the endpoint declares it. Throws where it is something else; with `strict`
 * also where it has more than was declared, which is cut otherwise.
 */
export function checkedAnswer({ returns }: Pick<Endpoint, 'returns'>, value: unknown, strict: boolean): unknown {
  if (returns === undefined) return undefined;
  const parsed = returns.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`the answer is not what \`returns\` says: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const undeclared = strict ? firstMissing(value, parsed.data, '') : undefined;
  if (undeclared !== undefined) throw new Error(`the answer has ${undeclared}, which \`returns\` does not declare`);
  return parsed.data;
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The first name of `given` that `kept` has lost. */
function firstMissing(given: unknown, kept: unknown, path: string): string | undefined {
  if (Array.isArray(given) && Array.isArray(kept)) {
    for (const [i, item] of given.entries()) {
      const found = firstMissing(item, kept[i], `${path}${i}.`);
      if (found !== undefined) return found;
    }
  } else if (isPlain(given) && typeof kept === 'object' && kept !== null) {
    for (const [name, item] of Object.entries(given)) {
      if (item === undefined) continue;
      if (!Object.hasOwn(kept, name)) return `${path}${name}`;
      const found = firstMissing(item, (kept as Record<string, unknown>)[name], `${path}${name}.`);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
