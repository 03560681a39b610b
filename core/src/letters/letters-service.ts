import { randomUUID } from 'node:crypto';
import {
  type Contributed,
  isMessage,
  type Letter,
  type LetterReader,
  type Letters,
  type LetterTemplate,
  letterTemplates,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import { SecretBox } from '../secrets/secret-box.js';
import type { Translate } from '../text/catalogs.js';
import { chooseLanguage, directionOf, languagesOf } from '../text/locale.js';
import { isAddress } from './address.js';
import { type ComposedLetter, composeLetter, type LetterText } from './compose.js';
import { LetterTexts, shippedText, templateName } from './letter-texts.js';
import type { SmtpSettings } from './smtp.js';

/** The job that sends one letter. */
export const LETTER_JOB = 'letter';

/** A letter as it waits. */
export interface WaitingLetter {
  /** Left part of its `Message-ID`. */
  readonly id: string;
  readonly to: string;
  readonly template: string;
  readonly language: string;
  /** ISO 8601: when it was written. */
  readonly at: string;
  /** JSON of its data, sealed for its id. */
  readonly data: string;
}

/** Composes letters and puts them into the queue. */
export class LettersService implements Letters {
  readonly #translators = new Map<string, Promise<Translate>>();

  constructor(private readonly kernel: () => Kernel) {}

  async isSetUp(): Promise<boolean> {
    return (await this.settings()) !== undefined;
  }

  async send(letter: Letter): Promise<number | null> {
    const { item } = this.template(letter.template);
    if (!isAddress(letter.to)) throw problem('E_LETTER_ADDRESS', { address: letter.to });
    const names = Object.keys(item.placeholders);
    const given = Object.keys(letter.data);
    if (given.length !== names.length || names.some((name) => !Object.hasOwn(letter.data, name))) {
      throw problem('E_LETTER_DATA', { id: letter.template, names: names.join(', ') });
    }
    if (!(await this.isSetUp())) return null;
    const id = randomUUID();
    const waiting: WaitingLetter = {
      id,
      to: letter.to,
      template: letter.template,
      language: this.language(letter.language),
      at: new Date().toISOString(),
      data: this.#box.seal(JSON.stringify(letter.data), purpose(id)),
    };
    const by = letter.by === undefined ? {} : { by: letter.by };
    return this.kernel().jobs.queue.enqueue(`${KERNEL_ID}.${LETTER_JOB}`, waiting, by);
  }

  async administrators(): Promise<readonly LetterReader[]> {
    const { parameters, database } = this.kernel();
    const { administrator_addresses: chosen } = await parameters.read(kernelParameters);
    if (chosen.length > 0) return chosen.map((to) => ({ to }));
    const rows = await database.execute<AddressRow>(
      `select email, secondary_email, language from core_user where is_superuser = ? and is_active = ? order by id`,
      [true, true],
    );
    const known = new Map<string, LetterReader>();
    for (const row of rows) {
      const to = ownAddress(row);
      if (to !== undefined && !known.has(to)) known.set(to, { to, language: row.language });
    }
    return [...known.values()];
  }

  templates(): readonly Contributed<LetterTemplate>[] {
    return this.kernel().generation.slots.items(letterTemplates.id) as readonly Contributed<LetterTemplate>[];
  }

  /** By `extension.id`. Throws E_LETTER_UNKNOWN. */
  template(name: string): Contributed<LetterTemplate> {
    const found = this.templates().find((one) => templateName(one) === name);
    if (found === undefined) throw problem('E_LETTER_UNKNOWN', { id: name });
    return found;
  }

  get texts(): LetterTexts {
    return new LetterTexts(this.kernel().database);
  }

  languages(): readonly string[] {
    return languagesOf(this.kernel().generation.order);
  }

  /** The one that a letter is written in, given the reader's. */
  language(wish: string | undefined): string {
    return chooseLanguage(this.languages(), [wish, this.kernel().config.language]);
  }

  /** The words of a template: an administrator's, or those of the catalogue. */
  async text(name: string, language: string): Promise<LetterText> {
    const { item } = this.template(name);
    return (await this.texts.find(name, language)) ?? shippedText(item, await this.translate(language));
  }

  /** What a waiting letter says. Throws where its template is gone or the key of its data. */
  async open(waiting: WaitingLetter): Promise<ComposedLetter> {
    const data = JSON.parse(this.#box.open(waiting.data, purpose(waiting.id))) as Letter['data'];
    const translate = await this.translate(waiting.language);
    const values = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, isMessage(value) ? translate(value) : String(value)]),
    );
    return this.compose(await this.text(waiting.template, waiting.language), values, waiting.language);
  }

  compose(text: LetterText, values: Readonly<Record<string, string>>, language: string): ComposedLetter {
    return composeLetter(text, values, { language, direction: directionOf(language) });
  }

  translate(language: string): Promise<Translate> {
    const known = this.#translators.get(language);
    if (known !== undefined) return known;
    const made = this.kernel().translator(language);
    this.#translators.set(language, made);
    made.catch(() => this.#translators.delete(language));
    return made;
  }

  /** Undefined where no server is set. */
  async settings(): Promise<SmtpSettings | undefined> {
    const p = await this.kernel().parameters.read(kernelParameters);
    if (p.smtp_host === '' || p.sender_address === '') return undefined;
    return {
      host: p.smtp_host,
      port: p.smtp_port,
      encryption: p.smtp_encryption,
      isVerified: p.smtp_verify,
      user: p.smtp_user,
      password: p.smtp_password,
      sender: p.sender_address,
      senderName: p.instance_name,
      replyTo: p.reply_to,
      hostname: this.kernel().config.hostname,
    };
  }

  get #box(): SecretBox {
    return new SecretBox(this.kernel().keys);
  }
}

interface AddressRow {
  readonly [column: string]: unknown;
  readonly email: string;
  readonly secondary_email: string | null;
  readonly language: string;
}

/** Where letters to somebody go: the address outside, which works when the one here does not. */
export const ownAddress = (a: Pick<AddressRow, 'email' | 'secondary_email'>): string | undefined =>
  [a.secondary_email ?? '', a.email].find(isAddress);

const purpose = (id: string): string => `letter/${id}`;
