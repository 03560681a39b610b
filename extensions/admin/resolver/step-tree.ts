import type { LastAddress, ResolutionStep, StepKind, StepMark } from '../contract/resolution.js';
import type { AddressFacts, Answer, DomainFacts, MailboxFacts } from './address-facts.js';
import { type AliasTable, isBeyondAscii } from './alias-table.js';
import { halves } from './lookup-keys.js';

/** Two that lead to all of each other's recipients would be shown without an end. */
const STEPS_MAX = 20_000;

/** One address on its way, before anybody has said who may see it. */
export interface TreeStep extends Omit<ResolutionStep, 'marks' | 'text' | 'delivery'> {
  readonly marks: Set<StepMark>;
  delivery: string | null;
  /** The domain of ours that it belongs to, or that its domain is another name of. */
  readonly domain: DomainFacts | undefined;
  readonly mailbox: MailboxFacts | undefined;
  /** Nothing comes after it, and it is what Postfix tries to deliver to. */
  readonly isLast: boolean;
  /** An address at the end that other extensions are asked about. */
  readonly question: LastAddress | undefined;
}

interface Place {
  readonly address: string;
  readonly from: TreeStep | null;
  /** The addresses on the way here, and whether each is a recipient of its own. */
  readonly path: readonly (readonly [address: string, leadsToItself: boolean])[];
}

/** Steps as people read them: every address with what it leads to below it, in the order of its recipients. */
export function stepTree(address: string, facts: AddressFacts, table: AliasTable): TreeStep[] {
  const steps: TreeStep[] = [];
  const shown = new Set<string>();
  const open: Place[] = [{ address, from: null, path: [] }];
  while (open.length > 0) {
    const place = open.pop() as Place;
    if (steps.length === STEPS_MAX) {
      facts.cut = 'too-many';
      break;
    }
    const isCut = facts.cut !== undefined && !facts.isRead(place.address);
    const answer = isCut ? undefined : table.answerTo(place.address);
    const isRecipient =
      answer === undefined || isOwnEntry(answer, place.address) || place.from?.address === place.address;
    const isSeen = !isRecipient && shown.has(place.address);
    const step = stepOf(place, steps.length, facts, table, isRecipient ? undefined : answer);
    if (isRecipient && answer?.addresses.length === 1) step.delivery = deliveryOf(place.address, answer);
    if (isSeen) step.marks.add(isLoop(place) ? 'loop' : 'repeated');
    else if (isCut && facts.cut !== undefined) step.marks.add(facts.cut);
    steps.push(step);
    if (isRecipient || isSeen) continue;
    shown.add(place.address);
    const leadsToItself = answer.addresses.includes(place.address);
    const path = [...place.path, [place.address, leadsToItself] as const];
    for (const next of answer.addresses.toReversed()) open.push({ address: next, from: step, path });
  }
  return steps;
}

/** Postfix expands no address twice that leads to itself, so that a circle with one of them has an end. */
function isLoop({ address, path }: Place): boolean {
  const first = path.findIndex(([passed]) => passed === address);
  return first !== -1 && !path.slice(first).some(([, leadsToItself]) => leadsToItself);
}

/** Only the entry that every mailbox has for itself. */
const isOwnEntry = ({ aliases, addresses }: Answer, address: string): boolean =>
  aliases.every(({ internal, domainId }) => internal && domainId !== null) ||
  (addresses.length === 1 && addresses[0] === address);

const deliveryOf = (address: string, { addresses: [one = address] }: Answer): string | null =>
  one === address && !isUnderDeliveryName(address) ? null : one;

function stepOf(
  { address: asked, from }: Place,
  id: number,
  facts: AddressFacts,
  table: AliasTable,
  answer: Answer | undefined,
): TreeStep {
  const name = halves(asked).domain.slice(1);
  const other = facts.domainAlias(name);
  const domain = facts.domain(name) ?? other?.target;
  const mailbox = table.mailboxOf(asked);
  const address = isUnderDeliveryName(asked) ? (mailbox?.address ?? asked) : asked;
  const marks = new Set<StepMark>();
  const depth = from === null ? 0 : from.depth + 1;
  const common = { id, from: from?.id ?? null, depth, address, marks, domain, delivery: null };
  if (isBeyondAscii(halves(address).local)) marks.add('not-ascii');
  const idle = table.idle(address);
  for (const one of idle) marks.add(one.enabled ? 'expired' : 'disabled');
  if (domain !== undefined && !domain.enabled) marks.add('domain-disabled');
  if (other !== undefined && !other.enabled) marks.add('domain-alias-disabled');
  if (answer !== undefined) {
    const kind = kindOf(answer, mailbox);
    if (answer.key !== address && !answer.key.startsWith('@')) marks.add('extension');
    const alias = answer.aliases.find(({ internal }) => !internal) ?? answer.aliases[0];
    const subject = kind === 'domain-alias' ? refTo('domain-alias', other?.id) : refTo('alias', alias?.id);
    return { ...common, kind, subject, mailbox: undefined, isLast: false, question: undefined };
  }
  const found = last(asked, domain, other !== undefined, mailbox);
  if (found.kind !== 'mailbox' || mailbox === undefined) {
    const question = found.isAsked ? { address, domain: domain === undefined ? null : refOf(domain) } : undefined;
    const subject = found.kind === 'unknown' ? refTo('alias', idle[0]?.id) : null;
    return { ...common, kind: found.kind, subject, mailbox: undefined, isLast: true, question };
  }
  if (!mailbox.isActive) marks.add('account-disabled');
  if (mailbox.refusesMail) marks.add('mail-refused');
  if (mailbox.isPending) marks.add('pending');
  if (mailbox.address !== address) marks.add('extension');
  const subject = refTo('account', mailbox.account.id);
  return { ...common, kind: 'mailbox', subject, mailbox, isLast: true, question: undefined };
}

const refTo = (kind: NonNullable<ResolutionStep['subject']>['kind'], pk: number | undefined) =>
  pk === undefined ? null : { kind, pk };

const refOf = ({ id, name, type }: DomainFacts) => ({ pk: id, name, type });

const isUnderDeliveryName = (address: string): boolean => address.startsWith('{');

function kindOf(answer: Answer, mailbox: MailboxFacts | undefined): StepKind {
  if (answer.aliases.some(({ internal, domainId }) => internal && domainId === null)) return 'domain-alias';
  if (answer.key.startsWith('@')) return 'catch-all';
  return mailbox === undefined ? 'alias' : 'forward';
}

/** Who has an address that no entry leads on from; others may be asked where there is no mailbox of ours. */
function last(
  address: string,
  domain: DomainFacts | undefined,
  isOtherName: boolean,
  mailbox: MailboxFacts | undefined,
): { readonly kind: StepKind; readonly isAsked: boolean } {
  if (domain === undefined) return { kind: 'external', isAsked: true };
  if (isOtherName) return { kind: 'unknown', isAsked: false };
  if (mailbox !== undefined && domain.type === 'domain') return { kind: 'mailbox', isAsked: false };
  return { kind: 'unknown', isAsked: domain.enabled && !address.startsWith('@') };
}
