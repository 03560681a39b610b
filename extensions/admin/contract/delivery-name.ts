/**
 * Dovecot 2.3's LMTP server takes no recipient that is not ASCII (`501 5.5.4 Invalid character in localpart`). A mailbox
 * whose local part is not gets another name for the last step only: `{id}@domain`, by the mailbox's id, so that it is
 * found by the primary key. Braces are refused in addresses of ours, so that no mailbox can ever be called like this.
 *
 * Postfix asks the alias table again with what it answered. The name must answer with itself then, or a catch-all of the
 * domain would swallow it.
 */
import type { Dialect } from '@posthorn/sdk';

interface Words {
  /** Texts one after the other. */
  readonly join: (...parts: readonly string[]) => string;
  /** More bytes than characters: not ASCII. */
  readonly isBeyondAscii: (text: string) => string;
  /** The number after the first character of a text, or something that no mailbox has as its id. */
  readonly idIn: (text: string) => string;
}

const bars = (...parts: readonly string[]): string => parts.join('||');

const WORDS: Readonly<Record<Dialect, Words>> = {
  sqlite: {
    join: bars,
    isBeyondAscii: (text) => `length(CAST(${text} AS BLOB))<>length(${text})`,
    idIn: (text) => `CAST(substr(${text}, 2) AS INTEGER)`,
  },
  postgresql: {
    join: bars,
    isBeyondAscii: (text) => `octet_length(${text})<>char_length(${text})`,
    // A text that is no number would be an error, not a miss.
    idIn: (text) => `CAST(substring(${text} from '^[{]([0-9]{1,9})[}]') AS integer)`,
  },
  mariadb: {
    join: (...parts) => `concat(${parts.join(', ')})`,
    isBeyondAscii: (text) => `length(${text})<>char_length(${text})`,
    idIn: (text) => `CAST(substr(${text}, 2) AS UNSIGNED)`,
  },
};

export const isBeyondAscii = (dialect: Dialect, text: string): string => WORDS[dialect].isBeyondAscii(text);

/** SQL for the name before the `@`, made of a mailbox's id. */
export const deliveryName = (dialect: Dialect, id: string): string => WORDS[dialect].join("'{'", id, "'}'");

/**
 * SQL that finds a mailbox (`mb`) by such a name, using the primary key. Only mailboxes that need the name have it:
 * others could be reached by it past their aliases and forwards.
 */
export const hasDeliveryName = (dialect: Dialect, local: string): string =>
  `mb.id=${WORDS[dialect].idIn(local)} AND ${deliveryName(dialect, 'mb.id')}=${local} AND ${isBeyondAscii(dialect, 'mb.address')}`;

export const joinedText = (dialect: Dialect, ...parts: readonly string[]): string => WORDS[dialect].join(...parts);
