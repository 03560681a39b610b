import { type Contributed, type Data, type Issue, type LetterTemplate, messages } from '@posthorn/sdk';
import type { Translate } from '../text/catalogs.js';
import { type LetterText, placeholdersIn } from './compose.js';

const t = messages('host');

/** Characters. */
const SUBJECT_MAX = 200;
const TEXT_MAX = 20_000;

/** `extension.id` */
export const templateName = ({ from, item }: Contributed<LetterTemplate>): string => `${from}.${item.id}`;

/** The words of the catalogue, placeholders standing as they are. */
export function shippedText(template: LetterTemplate, translate: Translate): LetterText {
  const args = Object.fromEntries(Object.keys(template.placeholders).map((name) => [name, `{{${name}}}`]));
  const say = (message: LetterTemplate['text']): string => translate({ ...message, args });
  return { subject: say(template.subject), text: say(template.text) };
}

/** What is wrong with an administrator's words. */
export function textIssues(template: LetterTemplate, { subject, text }: LetterText): readonly Issue[] {
  const known = Object.keys(template.placeholders);
  const of = (path: 'subject' | 'text', value: string, max: number): Issue[] => {
    const { names, isBroken } = placeholdersIn(value);
    const unknown = names.filter((name) => !known.includes(name));
    return [
      ...(value.trim() === '' ? [{ path, message: t('is required') }] : []),
      ...([...value].length > max ? [{ path, message: t('must not be longer than {{max}} characters', { max }) }] : []),
      ...(unknown.length > 0
        ? [{ path, message: t('has placeholders that stand for nothing: {{names}}', { names: unknown.join(', ') }) }]
        : []),
      ...(isBroken ? [{ path, message: t('has braces that are no placeholder') }] : []),
    ];
  };
  return [
    ...of('subject', subject, SUBJECT_MAX),
    ...(/[\r\n]/.test(subject) ? [{ path: 'subject', message: t('must be one line') }] : []),
    ...of('text', text, TEXT_MAX),
  ];
}

/** The table `core_letter_text`: letters in an administrator's own words. */
export class LetterTexts {
  constructor(private readonly data: Data) {}

  async find(template: string, language: string): Promise<LetterText | undefined> {
    const [row] = await this.data.execute<{ subject: string; body: string }>(
      'select subject, body from core_letter_text where template = ? and language = ?',
      [template, language],
    );
    return row === undefined ? undefined : { subject: row.subject, text: row.body };
  }

  /** Languages that have words of their own, by template. */
  async languages(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.data.execute<{ template: string; language: string }>(
      'select template, language from core_letter_text order by template, language',
    );
    const byTemplate = Map.groupBy(rows, (row) => row.template);
    return new Map([...byTemplate].map(([name, all]) => [name, all.map((row) => row.language)]));
  }

  async write(template: string, language: string, { subject, text }: LetterText): Promise<void> {
    const isNew = (await this.find(template, language)) === undefined;
    await this.data.execute(
      isNew
        ? 'insert into core_letter_text (subject, body, template, language) values (?, ?, ?, ?)'
        : 'update core_letter_text set subject = ?, body = ? where template = ? and language = ?',
      [subject, text, template, language],
    );
  }

  async remove(template: string, language: string): Promise<void> {
    await this.data.execute('delete from core_letter_text where template = ? and language = ?', [template, language]);
  }
}
