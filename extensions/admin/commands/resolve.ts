import { command, type Message, messages, type PrintableRow, plainText, type Text } from '@posthorn/sdk';
import { type Resolution, type ResolutionStep, resolutions } from '../contract.js';
import { arrives, kindText, markText, outcomeText } from '../resolver/words.js';
import { nameField } from './shared-fields.js';

const t = messages('admin');

/** As for every command that does not find what it was asked for. */
const NOWHERE = 3;

export const resolveCommands = [
  command({
    noun: 'resolve',
    verb: 'run',
    summary: t('Show where mail for an address goes'),
    description: t(
      'Follows the address through the tables that Postfix reads. Ends with 3 where nobody gets the mail.',
    ),
    examples: ['resolve sales@example.org', 'resolve @example.org', 'resolve sales@example.org --json'],
    permission: 'admin.view_aliases',
    positional: ['address'],
    input: { address: nameField('Address', 'local@domain, or @domain for everything that goes nowhere else') },
    async run({ address }, context) {
      const resolution = await context.get(resolutions).resolve(context.actor, address);
      const { steps, isTemporary, ...facts } = resolution;
      context.out.item({ ...facts, is_temporary: isTemporary, steps: steps.map(row) }, treeOf(resolution));
      context.out.note(outcomeText(resolution));
      if (!arrives(resolution)) context.setExitCode(NOWHERE);
    },
  }),
];

const row = ({ id, from, depth, kind, address, marks, subject, text, delivery }: ResolutionStep): PrintableRow => ({
  id,
  from,
  depth,
  kind,
  address,
  marks,
  subject: subject === null ? null : subject.kind,
  subject_pk: subject === null ? null : subject.pk,
  text: text === null ? null : plainText(text),
  delivery,
});

/** A line for each step, drawn as a tree. */
function treeOf({ steps }: Resolution): readonly Text[] {
  const below = Map.groupBy(steps, ({ from }) => from);
  const lines: Message[] = [];
  const open = steps.slice(0, 1).map((step) => ({ step, lead: '', rest: '' }));
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { step, lead, rest } = one;
    lines.push(t('{{lead}}{{address}}: {{what}}', { lead, address: step.address, what: whatOf(step) }));
    const next = below.get(step.id) ?? [];
    for (const [at, child] of next.toReversed().entries()) {
      const isLast = at === 0;
      open.push({ step: child, lead: `${rest}${isLast ? '└─ ' : '├─ '}`, rest: `${rest}${isLast ? '   ' : '│  '}` });
    }
  }
  return lines;
}

const whatOf = (step: ResolutionStep): Text => {
  const words = [kindText(step), ...step.marks.map(markText)];
  return words.reduce((all, word) => t('{{first}}, {{second}}', { first: all, second: word }));
};
