/** What the page and the command say about steps. */
import { type Message, messages, type Text } from '@posthorn/sdk';
import type { Resolution, ResolutionStep, StepKind, StepMark } from '../contract/resolution.js';

const t = messages('admin');

const KINDS: Readonly<Record<StepKind, Message>> = {
  'domain-alias': t('another name of a domain'),
  alias: t('alias'),
  forward: t('mailbox that is forwarded'),
  'catch-all': t('catch-all of the domain'),
  mailbox: t('mailbox'),
  elsewhere: t('delivered elsewhere'),
  external: t('outside of this server'),
  unknown: t('no such address'),
  outside: t('outside of what you manage'),
};

const MARKS: Readonly<Record<StepMark, Message>> = {
  loop: t('goes in circles'),
  'too-deep': t('too many steps'),
  'too-many': t('too many recipients'),
  'black-hole': t('leads to nobody'),
  repeated: t('shown above'),
  disabled: t('its alias is disabled'),
  expired: t('its alias has expired'),
  'domain-unknown': t('not one of our domains'),
  'domain-disabled': t('the domain is disabled'),
  'domain-alias-disabled': t('the domain alias is disabled'),
  'no-route': t('the domain has no next server'),
  unanswered: t('an extension did not answer'),
  'mail-refused': t('the mailbox refuses mail'),
  'account-disabled': t('the account is disabled, mail still arrives'),
  pending: t('the mailbox is being moved'),
  'not-ascii': t('not ASCII'),
  extension: t('with an extension'),
};

/** Marks that something is wrong, and those that only tell more; the rest is in between. */
const BAD: readonly StepMark[] = ['loop', 'too-deep', 'too-many', 'black-hole', 'domain-unknown', 'no-route'];
const PLAIN: readonly StepMark[] = ['repeated', 'not-ascii', 'extension'];

export const markText = (mark: StepMark): Message => MARKS[mark];

export const markLevel = (mark: StepMark): 'danger' | 'warning' | 'info' =>
  BAD.includes(mark) ? 'danger' : PLAIN.includes(mark) ? 'info' : 'warning';

/** A repeated address has been explained before. */
export const kindText = ({ kind, text }: ResolutionStep): Text => text ?? KINDS[kind];

export function outcomeText({ outcome, isTemporary, address, recipients, steps }: Resolution): Message {
  switch (outcome) {
    case 'delivered':
      return t(
        {
          one: 'Mail to {{address}} reaches one recipient.',
          other: 'Mail to {{address}} reaches {{count}} recipients.',
        },
        { address, count: recipients.length },
      );
    case 'deferred':
      return isTemporary
        ? t('Mail to {{address}} waits until the mailbox has been moved.', { address })
        : steps.some(({ marks }) => marks.includes('loop'))
          ? t('Mail to {{address}} goes in circles: it is put off, and in the end sent back.', { address })
          : t('Mail to {{address}} has too far to go: it is put off, and in the end sent back.', { address });
    case 'refused':
      return t('Mail to {{address}} from outside is refused.', { address });
    case 'nowhere':
      return t('Mail to {{address}} goes nowhere.', { address });
  }
}

/** Whether mail arrives in the end. */
export const arrives = ({ outcome, isTemporary }: Resolution): boolean => outcome === 'delivered' || isTemporary;
