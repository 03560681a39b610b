/** What API Extractor's document model says about one export or member, as far as it is used here. */
export interface ApiItem {
  readonly kind: string;
  readonly name: string;
  /** The comment as it stands in the source, with its marks; empty where there is none. */
  readonly docComment?: string;
  readonly excerptTokens: readonly { readonly text: string }[];
  /** Of exports: the source file, from the package's folder. */
  readonly fileUrlPath?: string;
  readonly members?: readonly ApiItem[];
}

export const STABILITIES = ['public', 'beta', 'internal'] as const;
export type Stability = (typeof STABILITIES)[number];

/** A comment, taken apart. */
export interface Doc {
  /** Without tags; empty where it says nothing. */
  readonly text: string;
  /** Undefined where it has none, or several. */
  readonly stability: Stability | undefined;
  readonly since: string | undefined;
}

export function docOf({ docComment = '' }: Pick<ApiItem, 'docComment'>): Doc {
  const plain = docComment
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .replace(/^ *\* ?/gm, '')
    .trim();
  const stabilities = STABILITIES.filter((name) => new RegExp(`(^|\\s)@${name}\\b`).test(plain));
  return {
    text: plain.replace(/(^|\s)@(public|beta|internal|packageDocumentation)\b|(^|\s)@since\s+\S+/g, '').trim(),
    stability: stabilities.length === 1 ? stabilities[0] : undefined,
    since: /(?:^|\s)@since\s+(\d+\.\d+\.\d+)(?=\s|$)/.exec(plain)?.[1],
  };
}

/** What is wrong with the comments of exports: each says what it is, how stable it is and since when it is there. */
export function faultsIn(items: readonly ApiItem[]): readonly string[] {
  return items.flatMap((item) => {
    const { text, stability, since } = docOf(item);
    const missing = [
      ...(text === '' ? ['what it is'] : []),
      ...(stability === undefined ? ['one of @public, @beta and @internal'] : []),
      ...(since === undefined ? ['@since with a version'] : []),
    ];
    return missing.length === 0 ? [] : [`${item.fileUrlPath ?? ''}: ${item.name} lacks ${missing.join(', ')}`];
  });
}
