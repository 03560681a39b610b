import { type FieldModel, type FormModel, plainText, type ViewAnswer, view } from '@posthorn/sdk';
import { Assets } from '../../core/src/http/assets.js';
import { galleryData } from '../../core/src/views/gallery.js';
import { PageRenderer } from '../../core/src/views/page-renderer.js';
import { adminFrame, guestFrame, simpleFrame } from './frame.js';

/** An extension whose views are the samples of this folder. */
const order = [
  { id: 'samples', version: '1.0.0', sdk: '^1.0.0', title: 'Samples', views: new URL('./views/', import.meta.url) },
];

export const assets = new Assets({ extensions: order });

const renderer = new PageRenderer({ generation: { order }, assets, translateFor: () => plainText, isStrict: true });

const field = (o: Partial<FieldModel> & Pick<FieldModel, 'id' | 'label'>): FieldModel => ({
  name: o.id,
  kind: 'string',
  help: '',
  unit: '',
  value: '',
  choices: [],
  isRequired: false,
  error: '',
  theirs: undefined,
  condition: undefined,
  ...o,
});

const login: FormModel = {
  action: '/accounts/login/',
  submit: 'Sign in',
  cancel: '',
  layout: 'tabs',
  version: '',
  issues: [],
  isConflict: false,
  tabs: [
    {
      id: 'form',
      title: 'Sign in',
      from: 'host',
      failure: undefined,
      hasIssues: false,
      condition: undefined,
      sections: [
        {
          title: '',
          text: '',
          fields: [
            field({ id: 'username', label: 'Username', isRequired: true }),
            field({ id: 'password', label: 'Password', kind: 'secret', isRequired: true }),
            field({ id: 'rememberme', label: 'Stay signed in', kind: 'boolean' }),
          ],
        },
      ],
    },
  ],
};

const NAMES =
  'lumen fjord bücher ridge meridian aster solstice northwind harbor birch tundra clinic indigo cobalt opal'.split(' ');
const domains = Array.from({ length: 25 }, (_, i) => ({
  id: i + 1,
  name: `${NAMES[i % NAMES.length]}${i >= NAMES.length ? '-two' : ''}-dental.example`,
  isEnabled: i % 7 !== 4,
  accounts: (i * 37) % 190,
  aliases: (i * 13) % 60,
  used: (i * 29) % 100,
}));

const page = (answer: ViewAnswer, frame = adminFrame(), from = 'samples'): string =>
  renderer.renderPage({ answer, from, frame });

/** Pages by path, each made anew. `theme` and `density` come from the query. */
export const samples: Readonly<Record<string, (url: URL) => string>> = {
  '/gallery/': (url) =>
    page(
      view('gallery', 'Gallery', galleryData(url)),
      adminFrame('/gallery/', {
        theme: (url.searchParams.get('theme') ?? 'auto') as 'auto',
        density: (url.searchParams.get('density') ?? 'comfortable') as 'compact',
        dir: (url.searchParams.get('dir') ?? 'ltr') as 'ltr',
        notices: [{ level: 'warning', text: 'A newer schema waits.', href: '/core/information/' }],
        flash: [{ level: 'success', text: 'The garden was saved.' }],
      }),
      'host',
    ),
  '/admin/domains/': (url) => page(view('domains', 'Domains', { url, domains })),
  '/dashboard/': () => page(view('dashboard', 'Dashboard', galleryData()), adminFrame('/dashboard/')),
  '/accounts/login/': () => page(view('login', 'Sign in', { form: login }), guestFrame()),
  '/sign-in/': () =>
    page(
      view('login', 'Sign in', { isWrong: true, isSignedOut: false, next: '', username: 'ann', isRemembered: true }),
      guestFrame(),
      'host',
    ),
  '/user/': () => page(view('tiles', 'Hello, Jorge', { lead: 'j.ruiz@aster.example' }), simpleFrame()),
  '/error/': () =>
    page(
      view('error', 'There is nothing here', {
        status: 404,
        title: 'There is nothing at this address',
        detail: 'It may have been deleted.',
        issues: [],
        request: 'a1b2c3',
      }),
      adminFrame('/error/'),
      'host',
    ),
};
