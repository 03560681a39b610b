/** Fields and small pieces that several nouns have in common. */
import { field, messages, problems } from '@posthorn/sdk';

const t = messages('admin');

const usage = problems('admin', {
  E_ADMIN_SWITCH: { kind: 'usage', message: '--enable and --disable exclude each other.' },
});

/** `--enable` and `--disable`. */
export const switches = {
  enable: field.boolean({ label: t('Enable') }).optional(),
  disable: field.boolean({ label: t('Disable') }).optional(),
};

/** What the two switches say together; undefined where neither was given. */
export function switched({
  enable,
  disable,
}: {
  enable?: boolean | undefined;
  disable?: boolean | undefined;
}): boolean | undefined {
  const off = disable === undefined ? undefined : !disable;
  if (enable !== undefined && off !== undefined && enable !== off) throw usage('E_ADMIN_SWITCH');
  return enable ?? off;
}

export const nameField = (label: string, help?: string) =>
  field.string({ label: t(label), ...(help === undefined ? {} : { help: t(help) }), min: 1, max: 320 });

export const search = () => field.string({ label: t('Search'), help: t('Part of the name') }).optional();

/** Without the entries that are undefined: services tell "absent" from "empty". */
export function present<T extends Readonly<Record<string, unknown>>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Rows as they come, turned into what is printed. */
export async function* rows<From, To>(from: AsyncIterable<From>, turn: (one: From) => To): AsyncIterable<To> {
  for await (const one of from) yield turn(one);
}
