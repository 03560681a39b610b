import { type Message, messages, plainText } from '@posthorn/sdk';

const t = messages('host');

/** Somebody has guessed too often. Nothing was tried; after so many seconds it will be again. */
export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts';
  /** The sentence, still translatable. */
  readonly text: Message;
  constructor(readonly seconds: number) {
    const text = t(
      {
        one: 'There were too many failed attempts. Try again in a minute, or ask your administrator to unlock the account.',
        other:
          'There were too many failed attempts. Try again in {{count}} minutes, or ask your administrator to unlock the account.',
      },
      { count: Math.max(1, Math.ceil(seconds / 60)) },
    );
    super(plainText(text));
    this.text = text;
  }
}
