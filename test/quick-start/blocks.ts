/** The shell blocks of a document, in order. */
export interface Block {
  /** The heading it stands under. */
  readonly heading: string;
  /** Line of its opening fence. */
  readonly line: number;
  readonly text: string;
  /** Why the test does not run it; undefined where it does. */
  readonly notRun: string | undefined;
}

const FENCE = /^```(\w*)\s*$/;
const NOT_RUN = /^<!-- not run by the test: (.+) -->$/;

/** Finds the blocks fenced as `sh`. A comment `<!-- not run by the test: reason -->` right before one exempts it. */
export function shellBlocks(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  let heading = '';
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, title] = /^#+ (.+)$/.exec(line) ?? [];
    if (title !== undefined) heading = title;
    const [, language] = FENCE.exec(line) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`the block that begins in line ${at + 1} has no end`);
    const [, notRun] = NOT_RUN.exec(lines[at - 1] ?? '') ?? [];
    if (language === 'sh') {
      blocks.push({ heading, line: at + 1, text: `${lines.slice(at + 1, end).join('\n')}\n`, notRun });
    }
    at = end;
  }
  return blocks;
}
