import { type Contribution, field, messages, type PageRequest, page, redirect, view } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { SecretBox } from '../secrets/secret-box.js';

const t = messages('host');
const PATH = '/core/confirm/';

interface Question {
  /** Where the POST goes. */
  readonly to: string;
  readonly label: string;
  readonly question: string;
  readonly back: string;
}

const purposeOf = ({ account }: Pick<PageRequest, 'account'>): string => `confirm/${account?.id ?? 0}`;

/** The address of a page that asks before something is sent. Sealed for this reader, so that nobody else can word it. */
export const confirmPath = (kernel: Kernel, request: PageRequest, question: Question): string =>
  `${PATH}?what=${new SecretBox(kernel.keys).seal(JSON.stringify(question), purposeOf(request))}`;

export const confirmPage = (kernel: () => Kernel): readonly Contribution[] => [
  page({
    path: PATH,
    permission: 'signed-in',
    query: { what: field.string({ label: t('Question'), max: 8_000 }).default('') },
    load: async ({ account, query }) => {
      let asked: Question;
      try {
        asked = JSON.parse(new SecretBox(kernel().keys).open(query.what, purposeOf({ account }))) as Question;
      } catch {
        return redirect('/');
      }
      return view('host:confirm', t('Are you sure?'), { asked });
    },
  }),
];
