import { command, defineExtension, field, messages, parameterForm, parameters, problems } from '@posthorn/sdk';

const t = messages('acme-moods');
const problem = problems('acme-moods', {
  E_MOOD_SAME: { kind: 'conflict', message: 'The mood is {{mood}} already.', hint: 'Choose another one.' },
});

export const settings = parameters(
  'acme-moods',
  'global',
  { mood: field.choice({ label: t('Mood'), choices: ['calm', 'merry', 'grim'] }).default('calm') },
  { title: t('Moods') },
);

export const moodCommands = [
  command({
    noun: 'acme-moods',
    verb: 'show',
    summary: t('Show the mood'),
    examples: ['acme-moods show', 'acme-moods show --json'],
    permission: 'acme-moods.view',
    input: {},
    run: async (_input, context) => {
      const { mood } = await context.parameters(settings);
      context.out.item({ mood });
    },
  }),
  command({
    noun: 'acme-moods',
    verb: 'rehearse',
    summary: t('Act as in another mood, some times over'),
    examples: ['acme-moods rehearse merry --times 3'],
    permission: 'acme-moods.change',
    positional: ['mood'],
    input: {
      mood: field.choice({ label: t('Mood'), choices: ['calm', 'merry', 'grim'] }),
      times: field.integer({ label: t('How often'), min: 1, max: 10 }).default(1),
    },
    isDestructive: true,
    run: async ({ mood, times }, context) => {
      const now = await context.parameters(settings);
      if (now.mood === mood) throw problem('E_MOOD_SAME', { mood });
      await context.confirm(t('Act {{mood}}?', { mood }));
      await context.out.list(
        Array.from({ length: times }, (_, i) => ({ take: i + 1, mood, by: context.actor.username })),
      );
      context.out.note(t({ one: '{{count}} take.', other: '{{count}} takes.' }, { count: times }));
    },
  }),
];

export default defineExtension({
  id: 'acme-moods',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Moods'),
  parameters: [parameterForm(settings)],
  permissions: {
    'acme-moods.view': { label: t('See the mood'), roles: ['DomainAdmins'] },
    'acme-moods.change': { label: t('Change the mood'), roles: [] },
  },
  contributes: moodCommands,
});
