import {
  action,
  type Contribution,
  field,
  invalid,
  isMessage,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  type Problem,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import type { LetterText } from '../letters/compose.js';
import { shippedText, templateName, textIssues } from '../letters/letter-texts.js';
import type { LettersService } from '../letters/letters-service.js';
import { sendTestLetter } from '../letters/test-letter.js';
import { showParameters } from './parameter-pages.js';

const t = messages('host');
const PATH = '/core/letters/';
const permission = 'core.manage_parameters';

/** The words of letters, and a letter to try the server with. */
export const letterPages = (kernel: () => Kernel, letters: LettersService): readonly Contribution[] => {
  const list = async (request: PageRequest): Promise<PageAnswer> => {
    const names = new Intl.DisplayNames(request.locale, { type: 'language' });
    const changed = await letters.texts.languages();
    const rows = letters.templates().map((one) => {
      const id = templateName(one);
      const own = changed.get(id) ?? [];
      const languages = letters.languages().map((language) => ({
        label: names.of(language) ?? language,
        href: `${PATH}${id}/${language}/`,
        isOwn: own.includes(language),
      }));
      return { id, title: request.t(one.item.title), languages };
    });
    return view('host:letters', t('Letters'), { rows, isSetUp: await letters.isSetUp() });
  };

  const subject = ({ params }: Pick<PageRequest, 'params'>) => {
    const { template = '', language = '' } = params;
    const found = letters.templates().find((one) => templateName(one) === template);
    if (found === undefined || !letters.languages().includes(language)) {
      throw problem('E_LETTER_NOT_FOUND', { id: `${template} ${language}`.trim() });
    }
    return { id: template, language, template: found.item };
  };

  /** What was typed wins over what is stored. */
  const edit = async (request: PageRequest, typed?: LetterText, refused?: Problem): Promise<PageAnswer> => {
    const { id, language, template } = subject(request);
    const text = typed ?? (await letters.text(id, language));
    const say = await letters.translate(language);
    const issues = refused?.issues ?? textIssues(template, text);
    const examples = Object.fromEntries(
      Object.entries(template.placeholders).map(([name, what]) => [name, `[${say(what)}]`]),
    );
    return view(
      'host:letter',
      template.title,
      {
        id,
        language: new Intl.DisplayNames(request.locale, { type: 'language' }).of(language) ?? language,
        tag: language,
        action: `${PATH}${id}/${language}/`,
        ...text,
        isOwn: (await letters.texts.find(id, language)) !== undefined,
        shipped: shippedText(template, say),
        placeholders: Object.entries(template.placeholders).map(([name, what]) => ({
          name: `{{${name}}}`,
          what: request.t(what),
        })),
        issues: Object.fromEntries(
          issues.map(({ path, message }) => [path, isMessage(message) ? request.t(message) : message]),
        ),
        preview: issues.length > 0 ? undefined : letters.compose(text, examples, language),
      },
      refused?.status,
    );
  };

  return [
    menuEntry(
      { area: 'main', group: t('System'), label: t('Letters'), href: PATH, icon: 'mail', permission },
      { order: 110 },
    ),
    page({ path: PATH, permission, load: (request) => list(request) }),
    page({ path: `${PATH}:template/:language/`, permission, load: (request) => edit(request) }),
    action({
      path: `${PATH}:template/:language/`,
      permission,
      bodyLimit: 262_144,
      body: {
        subject: field.string({ label: t('Subject') }).default(''),
        text: field.text({ label: t('Text') }).default(''),
        act: field.choice({ label: t('What to do'), choices: ['save', 'preview', 'reset'] }).default('save'),
      },
      run: async (request) => {
        const { id, language, template } = subject(request);
        const { act, subject: line, text: typed } = request.body;
        const text = { subject: line, text: typed.replace(/\r\n?/g, '\n') };
        if (act === 'reset') {
          await letters.texts.remove(id, language);
          request.notice('success', t('The letter has its first words again.'));
          return redirect(`${PATH}${id}/${language}/`);
        }
        const issues = textIssues(template, text);
        if (issues.length > 0) return edit(request, text, invalid(issues));
        if (act === 'preview') return edit(request, text);
        await letters.texts.write(id, language, text);
        request.notice('success', t('The letter was saved.'));
        return redirect(`${PATH}${id}/${language}/`);
      },
      onInvalid: (request, refused) => {
        const { subject: line, text } = request.typed;
        return edit(request, { subject: String(line ?? ''), text: String(text ?? '') }, refused);
      },
    }),
    action({
      path: '/core/parameters/core/letter-test/',
      permission,
      body: { to: field.string({ label: t('Send to'), min: 1, max: 254 }) },
      run: async (request) => {
        const to = request.body.to.trim();
        const answer = await sendTestLetter(letters, { to, language: request.locale });
        request.notice('success', t('The server took the letter to {{to}}: {{answer}}', { to, answer }));
        return redirect(`/core/parameters/${KERNEL_ID}/#letter-test`);
      },
      onInvalid: async (request, refused) => {
        const answer = await showParameters(kernel(), request, KERNEL_ID);
        const [issue] = refused.issues;
        const text = request.t(issue === undefined ? refused.text : issue.message);
        if (answer.kind !== 'view') return answer;
        return {
          ...answer,
          status: refused.status,
          data: { ...answer.data, letterTest: { to: String(request.typed['to'] ?? ''), error: text } },
        };
      },
    }),
  ];
};
