/** The reference for authors, as Markdown: one page for each area of the contract, and an index. */
import { AREAS, type Area } from './areas.ts';
import { type ApiItem, docOf } from './model.ts';

export interface ReferenceInput {
  readonly items: readonly ApiItem[];
  /** The module itself: references say their ids. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The built declarations of a source file such as `contract/jobs`: comments inside of a type stand only there. */
  readonly declarations: (source: string) => string;
}

const LONGEST_SIGNATURE = 2_000;
const NOTE = '<!-- Made by `npm run -s api` from the comments in sdk/src. -->';

const KINDS: Readonly<Record<string, string>> = {
  Class: 'class',
  Function: 'function',
  Interface: 'interface',
  TypeAlias: 'type',
  Variable: 'constant',
};

/** Markdown by file name. Throws where a source file belongs to no area. */
export function referencePages(input: ReferenceInput): ReadonlyMap<string, string> {
  const known = new Set(AREAS.flatMap(({ sources }) => sources));
  const homeless = input.items.filter((item) => !known.has(sourceOf(item)));
  if (homeless.length > 0) {
    const names = homeless.map((item) => `${item.name} (${sourceOf(item)})`).join(', ');
    throw new Error(`test/tools/contract/areas.ts has no page for ${names}`);
  }
  const shown = AREAS.map((area) => ({ area, items: input.items.filter((i) => area.sources.includes(sourceOf(i))) }));
  return new Map([
    ['README.md', index(shown)],
    ...shown.map(({ area, items }) => [`${area.page}.md`, page(area, items, input)] as const),
  ]);
}

const sourceOf = ({ fileUrlPath = '' }: ApiItem): string => fileUrlPath.replace(/^src\//, '').replace(/\.ts$/, '');

function index(shown: readonly { readonly area: Area; readonly items: readonly ApiItem[] }[]): string {
  const rows = shown.map(({ area, items }) => {
    const names = [...new Set(items.filter(isForAuthors).map(({ name }) => `\`${name}\``))];
    return `| [${area.title}](${area.page}.md) | ${names.join(', ')} |`;
  });
  return `${[
    NOTE,
    '# Reference',
    'Every export of `@posthorn/sdk`. `public` stays until the next major version, `beta` may change in a minor one, `internal` is for the host alone. A member has the stability and the age of what it belongs to, unless it says otherwise.',
    ['| Page | Exports |', '|---|---|', ...rows].join('\n'),
    'Beside these, `z` is the one of [zod](https://zod.dev) that fields are made of.',
  ].join('\n\n')}\n`;
}

const isForAuthors = (item: ApiItem): boolean => docOf(item).stability !== 'internal';

function page({ title, guide }: Area, items: readonly ApiItem[], input: ReferenceInput): string {
  const order = [...items.filter(isForAuthors), ...items.filter((item) => !isForAuthors(item))];
  return `${[
    NOTE,
    `# ${title}`,
    `[All pages](README.md)${guide === undefined ? '' : ` · Guide: [${guide}](../${guide})`}`,
    ...order.flatMap((item) => section(item, input)),
  ].join('\n\n')}\n`;
}

function section(item: ApiItem, { values, declarations }: ReferenceInput): readonly string[] {
  const { text, stability, since } = docOf(item);
  const members = item.kind === 'Interface' || item.kind === 'Class' ? (item.members ?? []) : [];
  const facts = [KINDS[item.kind] ?? item.kind.toLowerCase(), stability, `since ${since}`, ...idOf(values[item.name])];
  return [
    `## ${item.name}`,
    facts.join(' · '),
    text,
    ['```ts', signature(item, declarations(sourceOf(item))), '```'].join('\n'),
    ...(members.length === 0 ? [] : [memberTable(members)]),
  ];
}

/** The id of a reference. */
function idOf(value: unknown): readonly string[] {
  const id = (value as { readonly id?: unknown } | undefined)?.id;
  return typeof id === 'string' && id.includes('@') ? [`\`${id}\``] : [];
}

/** As declared. An object of functions is taken from the built declarations, where its parts keep their comments. */
function signature(item: ApiItem, built: string): string {
  const plain = excerpt(item)
    .replace(/^export (declare )?/, '')
    .replace(/import\("[^"]+"\)\./g, '');
  const object = new RegExp(`^export declare const ${item.name}: \\{\n.*?^\\};$`, 'ms').exec(built)?.[0];
  // A function that is a constant is a function to the model, without the word.
  const declared = /^\w+: /.test(plain) ? `const ${plain}` : plain.replace(/\{\s*$/, '').trim();
  const whole = object?.replace(/^export declare /, '') ?? declared;
  return whole.length <= LONGEST_SIGNATURE ? whole : `${whole.slice(0, whole.indexOf('{'))}{ … }>`;
}

const excerpt = ({ excerptTokens }: ApiItem): string =>
  excerptTokens
    .map(({ text }) => text)
    .join('')
    .trim();

function memberTable(members: readonly ApiItem[]): string {
  const rows = members.map((member) => {
    const { text, stability, since } = docOf(member);
    const differs = [
      ...(stability === undefined ? [] : [stability]),
      ...(since === undefined ? [] : [`since ${since}`]),
    ];
    const said = [cell(text), ...(differs.length === 0 ? [] : [`*(${differs.join(', ')})*`])].join(' ').trim();
    return `| ${code(excerpt(member))} | ${said} |`;
  });
  return ['| Member | |', '|---|---|', ...rows].join('\n');
}

const cell = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
const code = (text: string): string => {
  const line = cell(text).replace(/;$/, '');
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
};
