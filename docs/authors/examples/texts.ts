import { type Message, messages } from '@posthorn/sdk';

const t = messages('acme-notes');

export const said = (name: string, count: number): readonly Message[] => [
  t('Note of {{name}}', { name }),
  t({ one: '{{count}} note', other: '{{count}} notes' }, { count }),
  t('The note was not saved: {{reason}}.', { reason: t('it is too long') }),
];
