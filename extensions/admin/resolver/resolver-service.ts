import type { Actor, ExtensionContext, Text } from '@posthorn/sdk';
import { parseAddress } from '../addresses.js';
import {
  addressResolvers,
  type Outcome,
  type Resolution,
  type ResolutionStep,
  type StepMark,
} from '../contract/resolution.js';
import type { Resolutions } from '../contract/services.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AddressFacts } from './address-facts.js';
import { AliasTable } from './alias-table.js';
import { expand } from './expansion.js';
import { stepTree, type TreeStep } from './step-tree.js';

/** What Postfix refuses before it asks where the mail goes. */
const REFUSED: readonly StepMark[] = ['domain-unknown', 'domain-disabled', 'domain-alias-disabled', 'mail-refused'];

/** Kinds at the end of a way where somebody gets the mail; of those outside nothing else is said. */
const REACHED: readonly ResolutionStep['kind'][] = ['mailbox', 'elsewhere', 'external', 'outside'];

/** Where an address leads: the rules behind the page and the command. */
export class ResolverService implements Resolutions {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async resolve(actor: Actor, text: string): Promise<Resolution> {
    this.#policy.enter(actor, 'domain.resolve');
    const { address, domain } = parseAddress(text, { field: 'address', allowEmptyLocal: true, isForeign: true });
    const scope = await this.#policy.scope(actor);
    const facts = new AddressFacts(this.#context);
    const table = new AliasTable(facts);
    const answersTo = (one: string) => table.answerTo(one)?.addresses;
    await facts.gather(address, answersTo);
    const tree = stepTree(address, facts, table);
    const first = tree[0] as TreeStep;
    // One answer for what belongs to others and for what does not exist.
    if (!scope.isAll && (first.domain === undefined || !this.#policy.canSeeDomain(scope, first.domain.id))) {
      throw problem('E_ADMIN_DOMAIN_NOT_FOUND', { name: domain });
    }
    const said = await this.#askOthers(tree);
    if (first.domain === undefined && said.get(first.id) === undefined) first.marks.add('domain-unknown');
    const recipients = facts.cut === undefined ? expand(address, answersTo) : undefined;
    if (recipients === undefined && !tree.some(({ marks }) => marks.has('loop'))) {
      first.marks.add(facts.cut ?? 'too-many');
    }
    const steps = await this.#shownTo(scope, tree, said);
    markBlackHoles(steps);
    return {
      address,
      ...outcomeOf(
        steps,
        recipients !== undefined,
        tree.some(({ marks }) => marks.has('pending')),
      ),
      recipients: recipients === undefined ? [] : recipientsOf(steps),
      steps,
    };
  }

  /** What other extensions say about addresses at the end: each extension is asked once. */
  async #askOthers(tree: readonly TreeStep[]): Promise<ReadonlyMap<number, Text>> {
    const said = new Map<number, Text>();
    for (const { from, item } of this.#context.items(addressResolvers)) {
      const open = tree.filter(({ id, question }) => question !== undefined && !said.has(id));
      if (open.length === 0) break;
      try {
        const questions = open.flatMap(({ question }) => (question === undefined ? [] : [question]));
        const answers = await item.resolve(questions, this.#context);
        for (const [at, step] of open.entries()) {
          const text = answers[at];
          if (text !== undefined) said.set(step.id, text);
        }
      } catch (error) {
        this.#context.log.error({ err: error, from, resolver: item.id }, 'an address resolver failed');
        for (const { marks } of open) marks.add('unanswered');
      }
    }
    for (const { id, kind, domain, marks } of tree) {
      if (kind === 'unknown' && domain?.type === 'relaydomain' && !said.has(id)) marks.add('no-route');
    }
    return said;
  }

  /** The steps with what the actor must not see left out, and everything below it. */
  async #shownTo(scope: Scope, tree: readonly TreeStep[], said: ReadonlyMap<number, Text>): Promise<ResolutionStep[]> {
    const shown = new Map<number, ResolutionStep>();
    for (const step of tree) {
      const from = step.from === null ? null : shown.get(step.from);
      if (from === undefined || from?.kind === 'outside') continue;
      const { depth, address, delivery } = step;
      const place = { id: shown.size, from: from?.id ?? null, depth, address };
      if (step.domain !== undefined && !this.#policy.canSeeDomain(scope, step.domain.id)) {
        shown.set(step.id, { ...place, kind: 'outside', marks: [], subject: null, text: null, delivery: null });
        continue;
      }
      const text = said.get(step.id) ?? null;
      const isLinked = step.mailbox === undefined || (await this.#policy.canSeeAccount(scope, step.mailbox.account));
      const subject = isLinked ? step.subject : null;
      const kind = text === null ? step.kind : 'elsewhere';
      shown.set(step.id, { ...place, kind, marks: [...step.marks], subject, text, delivery });
    }
    return [...shown.values()];
  }
}

/**
 * Marks the steps that lead on, and to nobody. A step reaches somebody where one below it does, or
 * where the step does that shows where a repeated one leads.
 */
function markBlackHoles(steps: ResolutionStep[]): void {
  const reaching = new Set<number>();
  const addresses = new Set<string>();
  for (let before = -1; before < reaching.size; ) {
    before = reaching.size;
    for (const step of steps.toReversed()) {
      const isKnown = step.marks.includes('repeated') && addresses.has(step.address);
      if (!isReached(step) && !isKnown && !reaching.has(step.id)) continue;
      reaching.add(step.id);
      addresses.add(step.address);
      if (step.from !== null) reaching.add(step.from);
    }
  }
  for (const [at, step] of steps.entries()) {
    if (!reaching.has(step.id) && steps[at + 1]?.from === step.id)
      steps[at] = { ...step, marks: [...step.marks, 'black-hole'] };
  }
}

const isReached = ({ kind, marks }: ResolutionStep): boolean =>
  REACHED.includes(kind) && !marks.some((mark) => REFUSED.includes(mark));

function outcomeOf(
  steps: readonly ResolutionStep[],
  hasEnd: boolean,
  isPutOff: boolean,
): { readonly outcome: Outcome; readonly isTemporary: boolean } {
  // Another name of a domain is looked through.
  const first = steps[0]?.kind === 'domain-alias' ? [steps[0], steps[1]] : [steps[0]];
  const isTemporary = isPutOff && hasEnd;
  if (first.some((step) => step?.marks.some((mark) => REFUSED.includes(mark))))
    return { outcome: 'refused', isTemporary: false };
  if (!hasEnd || isPutOff) return { outcome: 'deferred', isTemporary };
  return { outcome: steps.some(isReached) ? 'delivered' : 'nowhere', isTemporary };
}

const recipientsOf = (steps: readonly ResolutionStep[]): readonly string[] =>
  [...new Set(steps.filter(isReached).map(({ address }) => address))].sort();
