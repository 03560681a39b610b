/** Somebody has guessed too often. Nothing was tried; after so many seconds it will be again. */
export class TooManyAttempts extends Error {
  override readonly name = 'TooManyAttempts';
  constructor(readonly seconds: number) {
    const minutes = Math.ceil(seconds / 60);
    const wait = minutes <= 1 ? 'a minute' : `${minutes} minutes`;
    super(
      `There were too many failed attempts. Try again in ${wait}, or ask your administrator to unlock the account.`,
    );
  }
}
