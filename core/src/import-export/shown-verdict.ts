import { messages, plainText, type Text } from '@posthorn/sdk';
import type { StoredVerdict } from './upload-store.js';
import type { Verdict } from './verdicts.js';

const t = messages('host');

export const rowsDone = (count: number) =>
  t({ one: '{{count}} row was imported.', other: '{{count}} rows were imported.' }, { count });

/** A verdict as it can be kept, its reasons still translatable. */
export const storedVerdict = ({ line, kind, problem: found, isAccepted, why }: Verdict): StoredVerdict => ({
  line,
  kind,
  field: found.field ?? found.issues[0]?.path ?? '',
  verdict: isAccepted ? 'exists' : 'refused',
  code: found.code,
  texts:
    found.issues.length > 1
      ? found.issues.map(({ path, message }) => ({ path, text: message }))
      : [{ path: '', text: found.text }],
  why,
});

/** Why the row was not imported, in the language of `say`. */
export const verdictReason = ({ texts }: Pick<StoredVerdict, 'texts'>, say: (text: Text) => string): string =>
  texts.map(({ path, text }) => (path === '' ? say(text) : `${path}: ${say(text)}`)).join('; ');

/** A verdict with flat names, as commands print it. */
export function shownVerdict(verdict: Verdict) {
  const { texts, why: _why, ...rest } = storedVerdict(verdict);
  return { file: verdict.file, ...rest, reason: verdictReason({ texts }, plainText) };
}
