import {
  type Account,
  accounts,
  action,
  type Contribution,
  field,
  invalid,
  isMessage,
  menuEntry,
  messages,
  type PageRequest,
  type Problem,
  page,
  redirect,
  type ViewAnswer,
  view,
} from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { preferenceLinks, userParameterPages } from '../../pages/user-parameter-pages.js';
import { timeZones } from '../../parameters/time-zones.js';
import { userPreferences } from '../../parameters/user-preferences.js';
import { languagesOf } from '../../text/locale.js';
import { landingChoices } from './landing.js';

const t = messages('host');
const PATH = '/user/preferences/';

const { dismissed: _, filters: __, ...LOOKS } = userPreferences.shape;
const FIELDS = { language: field.string({ label: t('Language'), max: 10 }), ...LOOKS };

/** How somebody wants his pages: language, time zone and looks. */
export const preferencesPages = (kernel: () => Kernel): readonly Contribution[] => {
  const languages = () => languagesOf(kernel().generation.order);

  /** What was typed wins over what is stored. */
  const show = async (request: PageRequest, problem?: Problem): Promise<ViewAnswer> => {
    const account = owner(request);
    const stored = { language: account.language, ...(await kernel().parameters.readUser(userPreferences, account.id)) };
    const issues = new Map((problem?.issues ?? []).map(({ path, message }) => [path, message]));
    const names = new Intl.DisplayNames(request.locale, { type: 'language' });
    const one = (name: keyof typeof FIELDS, label: string, options: readonly Option[]) => {
      const typed = request.typed[name];
      const issue = issues.get(name);
      return {
        name,
        label,
        options,
        value: typeof typed === 'string' ? typed : String(stored[name]),
        error: issue === undefined ? '' : isMessage(issue) ? request.t(issue) : issue,
      };
    };
    return view(
      'host:preferences',
      t('Preferences'),
      {
        fields: [
          one(
            'language',
            request.t(t('Language')),
            languages().map((value) => ({ value, label: names.of(value) ?? value })),
          ),
          one('time_zone', request.t(t('Time zone')), [
            { value: '', label: `${request.t(t('As the server'))} (${kernel().config.timeZone})` },
            ...timeZones().map((value) => ({ value, label: value.replaceAll('_', ' ') })),
          ]),
          one('landing', request.t(t('First page')), [
            { value: '', label: request.t(t('The usual one')) },
            ...landingChoices(kernel(), request.actor).map(({ href, label }) => ({
              value: href,
              label: request.t(label),
            })),
          ]),
          one('theme', request.t(t('Theme')), [
            { value: 'auto', label: request.t(t('As the system')) },
            { value: 'light', label: request.t(t('Light')) },
            { value: 'dark', label: request.t(t('Dark')) },
          ]),
          one('density', request.t(t('Density')), [
            { value: 'comfortable', label: request.t(t('Comfortable')) },
            { value: 'compact', label: request.t(t('Compact')) },
          ]),
          one('job_letters', request.t(t('Letters about my jobs')), [
            { value: 'none', label: request.t(t('None')) },
            { value: 'failed', label: request.t(t('When one has failed')) },
            { value: 'ended', label: request.t(t('When one has ended')) },
          ]),
        ],
        links: await preferenceLinks(kernel(), request, 'core'),
        failure: problem === undefined || issues.size > 0 ? undefined : request.t(problem.text),
      },
      problem?.status,
    );
  };

  return [
    menuEntry(
      { area: 'user', label: t('Preferences'), href: PATH, icon: 'adjustments', permission: 'signed-in' },
      { order: 10 },
    ),
    page({ path: PATH, permission: 'signed-in', load: (request) => show(request) }),
    action({
      path: PATH,
      permission: 'signed-in',
      body: FIELDS,
      run: async (request) => {
        const { context, actor } = request;
        const account = owner(request);
        const { language, ...preferences } = request.body;
        if (!languages().includes(language)) {
          throw invalid([{ path: 'language', message: t('is not a language of this system') }]);
        }
        const { landing } = preferences;
        if (landing !== '' && !landingChoices(kernel(), actor).some(({ href }) => href === landing)) {
          throw invalid([{ path: 'landing', message: t('is not a page that you may begin with') }]);
        }
        await context.data.write(async () => {
          await kernel().parameters.writeUser(userPreferences, account.id, preferences);
          if (language !== account.language) await context.get(accounts).update(actor, account, { language });
        });
        request.notice('success', t('Your preferences were saved.'));
        return redirect(PATH);
      },
      onInvalid: (request, problem) => show(request, problem),
    }),
    ...userParameterPages(kernel),
  ];
};

interface Option {
  readonly value: string;
  readonly label: string;
}

/** Whoever comes through a page of his own is signed in; this only says so to the compiler. */
function owner({ account }: Pick<PageRequest, 'account'>): Account {
  if (account === undefined) throw new Error('a page for signed-in readers was opened by a guest');
  return account;
}
