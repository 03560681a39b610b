import { plainText, type Text } from '@posthorn/sdk';
import type { Verdict } from './verdicts.js';

/** A verdict with flat names, its reason in the language of `say`. */
export const shownVerdict = (verdict: Verdict, say: (text: Text) => string = plainText) => {
  const { file, line, kind, problem: found, isAccepted } = verdict;
  return {
    file,
    line,
    kind,
    field: found.field ?? found.issues[0]?.path ?? '',
    verdict: isAccepted ? 'exists' : 'refused',
    code: found.code,
    reason:
      found.issues.length > 1 ? found.issues.map((i) => `${i.path}: ${say(i.message)}`).join('; ') : say(found.text),
  };
};
