import { service } from '../service.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Message, Text } from '../text.js';
import type { JobStarter } from './jobs.js';

/**
 * A letter that is sent with other words each time. Subject and text are sentences of the catalogue; a line that is empty
 * begins a paragraph. They hold `{{name}}` for each placeholder and no other logic: administrators may write them anew.
 * @public @since 1.0.0
 */
export interface LetterTemplate {
  /** Unique within the extension. */
  readonly id: string;
  /** What it is called where it is edited. */
  readonly title: Text;
  /** One line. */
  readonly subject: Message;
  /** Plain text; the HTML part is made of it. */
  readonly text: Message;
  /** Every name that subject and text may use, and what stands there. */
  readonly placeholders: Readonly<Record<string, Text>>;
}
/** The slot of letters. @public @since 1.0.0 */
export const letterTemplates = slot<LetterTemplate>('host.letter-templates@1');
/** Contributes a letter that the extension sends. @public @since 1.0.0 */
export const letterTemplate = (l: LetterTemplate): Contribution => contribute(letterTemplates, l);

/** One letter to one reader. @public @since 1.0.0 */
export interface Letter {
  /** One e-mail address, without a name. */
  readonly to: string;
  /** As `extension.id`. */
  readonly template: string;
  /** A value for every placeholder. Messages are said in the letter's language. Kept encrypted while the letter waits. */
  readonly data: Readonly<Record<string, string | number | Message>>;
  /** The reader's, as a tag such as `fr`; without it that of the installation. */
  readonly language?: string;
  /** Who caused it; named on the page of the job that sends it. */
  readonly by?: JobStarter;
}

/** Somebody who gets letters. @public @since 1.0.0 */
export interface LetterReader {
  /** An e-mail address. */
  readonly to: string;
  /** A tag such as `fr`; absent where nothing is known. */
  readonly language?: string;
}

/** The outgoing mail of the platform itself: few letters to few readers, never a newsletter. @public @since 1.0.0 */
export interface Letters {
  /** Whether an administrator has named a server for outgoing mail. */
  isSetUp(): Promise<boolean>;
  /** Who gets letters to administrators: the addresses that they chose, or those of super administrators. */
  administrators(): Promise<readonly LetterReader[]>;
  /**
   * Puts a letter into the caller's transaction: it leaves once that has committed, is tried again while the server
   * cannot be reached, and given up when it is refused for good or too old. Returns the number of the job, or null where
   * no server is set up. Throws E_LETTER_UNKNOWN, E_LETTER_ADDRESS and E_LETTER_DATA.
   */
  send(letter: Letter): Promise<number | null>;
}
/** Sends letters. Provided by the kernel. @public @since 1.0.0 */
export const letters = service<Letters>('host.letters@1');
