import {
  defineExtension,
  type ExtensionContext,
  field,
  instance,
  messages,
  on,
  parameterForm,
  parameters,
  parametersChanged,
} from '@posthorn/sdk';

const t = messages('acme-spam');

export const settings = parameters(
  'acme-spam',
  'global',
  {
    is_remote: field.boolean({ label: t('On another machine') }).default(false),
    host: field.hostname({ label: t('Host') }).default('localhost'),
    token: field.secret({ label: t('Token') }).default(''),
    limit: field.integer({ label: t('Points'), min: 0, max: 100 }).default(5),
  },
  {
    title: t('Spam filter'),
    sections: [
      { title: t('Judging'), fields: ['limit'] },
      {
        title: t('Server'),
        text: t('The token is shown by `acme-spam token` there.'),
        fields: ['is_remote', 'host', 'token'],
      },
    ],
    conditions: {
      host: { field: 'is_remote', is: [true] },
      token: { field: 'is_remote', is: [true] },
    },
    check: (v) => (v.is_remote && v.token === '' ? [{ path: 'token', message: t('is needed there') }] : []),
    defaults: (context) => ({ host: context.get(instance).hostname }),
    version: 2,
    upgrade: { 1: ({ points, ...rest }) => ({ ...rest, limit: points }) },
  },
);

export const mine = parameters(
  'acme-spam',
  'user',
  { rows: field.integer({ label: t('Rows of a page'), min: 10, max: 200 }).default(40) },
  { title: t('Quarantine'), when: (actor) => actor.can('acme-spam.view') },
);

export async function read(context: ExtensionContext, account: number) {
  const { host, limit } = await context.parameters(settings);
  const { rows } = await context.parameters(mine, account);
  return { host, limit, rows };
}

export const follow = on(parametersChanged, async ({ extension, changed }, context) => {
  if (extension !== 'acme-spam' || !changed.includes('host')) return;
  const { host } = await context.parameters(settings);
  context.log.info({ host }, 'asks another server from now on');
});

export default defineExtension({
  id: 'acme-spam',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Spam filter'),
  permissions: { 'acme-spam.view': { label: t('See the quarantine'), roles: ['SimpleUsers'] } },
  parameters: [parameterForm(settings), parameterForm(mine)],
  taps: [follow],
});
