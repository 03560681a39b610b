/** Deeper than any event is; also ends what contains itself. */
const DEEPEST = 32;

/**
 * The event as JSON, which gives its listeners the same data at once and after a crash. Throws a TypeError with the
 * signal and the path where JSON would keep something else than what stands there. A property that is undefined is left
 * out: whoever reads it finds the same.
 */
export function eventJson(signal: string, event: unknown): string {
  const wrong = fault(event, 'event', 0);
  if (wrong !== undefined) throw new TypeError(`${signal}: ${wrong}; an event is what JSON keeps as it is`);
  return JSON.stringify(event);
}

function fault(value: unknown, path: string, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `${path} is ${value}`;
    case 'object':
      break;
    default:
      return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  }
  if (value === null) return undefined;
  if (depth === DEEPEST) return `${path} lies too deep, or contains itself`;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      const wrong = fault(value[i], `${path}[${i}]`, depth + 1);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
    return `${path} is an instance of ${typeof name === 'string' ? name : 'a class'}`;
  }
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key];
    const wrong = inner === undefined ? undefined : fault(inner, `${path}.${key}`, depth + 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
