import { command, field, messages, type PrintableRow } from '@posthorn/sdk';
import { trash } from '../contract/services.js';
import { TRASH_KINDS, type TrashView } from '../contract/trash.js';
import { present, rows, search } from './shared-fields.js';

const t = messages('admin');
const noun = 'trash';

const row = (view: TrashView): PrintableRow => ({ ...view });
const columns = ['pk', 'kind', 'name', 'mailboxes', 'aliases', 'deleted_at', 'deleted_by', 'purge_at'];
const number = () => field.integer({ label: t('Number'), help: t('As `trash list` shows it'), min: 1 });

export const trashCommands = [
  command({
    noun,
    verb: 'list',
    summary: t('List what was deleted and can be brought back'),
    examples: ['trash list', 'trash list --kind domain --json'],
    permission: 'admin.view_domains',
    input: { search: search(), kind: field.choice({ label: t('Kind'), choices: TRASH_KINDS }).optional() },
    async run(filter, context) {
      await context.out.list(rows(context.get(trash).list(context.actor, present(filter)), row), columns);
    },
  }),
  command({
    noun,
    verb: 'restore',
    summary: t('Bring back what was deleted'),
    examples: ['trash restore 12'],
    permission: 'admin.view_domains',
    positional: ['pk'],
    input: { pk: number() },
    async run({ pk }, context) {
      context.out.item({ ...(await context.get(trash).restore(context.actor, pk)) });
    },
  }),
  command({
    noun,
    verb: 'purge',
    summary: t('Remove for good what was deleted'),
    description: t('With a number that entry, without one whatever has been there long enough.'),
    examples: ['trash purge', 'trash purge 12 --yes'],
    permission: 'admin.view_domains',
    positional: ['pk'],
    isDestructive: true,
    input: { pk: number().optional() },
    async run({ pk }, context) {
      const service = context.get(trash);
      if (pk === undefined) {
        await context.confirm(t('Remove everything for good that is due?'));
        context.out.item({ purged: await service.purgeDue() });
        return;
      }
      const { name } = await service.show(context.actor, pk);
      await context.confirm(t('Remove {{name}} for good?', { name }));
      await service.purge(context.actor, pk);
      context.out.item({ purged: 1 });
    },
  }),
];
