import { authenticationBackend, defineExtension, messages } from '@posthorn/sdk';

const t = messages('acme-directory');

export const directory = authenticationBackend(
  {
    id: 'directory',
    title: t('Our directory'),
    when: (username) => username.includes('@'),
    creates: { roles: ['SimpleUsers'] },
    authenticate: async ({ username, password, signal }) => {
      const found = await search(username, signal);
      if (found === undefined) return 'unknown';
      if (!(await bind(found, password, signal))) return 'wrong';
      return { username: found.mail, first_name: found.givenName, last_name: found.sn };
    },
  },
  { order: 10 },
);

interface Person {
  readonly mail: string;
  readonly givenName: string;
  readonly sn: string;
}

/** What another system would know. */
const PEOPLE = new Map<string, Person>([
  ['anna@acme.test', { mail: 'anna@acme.test', givenName: 'Anna', sn: 'Ahorn' }],
]);

async function search(username: string, signal: AbortSignal): Promise<Person | undefined> {
  signal.throwIfAborted();
  return PEOPLE.get(username);
}

async function bind({ givenName }: Person, password: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  return password === `${givenName}-in-42-Weiden`;
}

export default defineExtension({
  id: 'acme-directory',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Directory'),
  contributes: [directory],
});
