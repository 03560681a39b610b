/** Who signs in with which password: nobody has seen it yet. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const shown = new WeakMap<object, Credentials>();

/** Keeps a password that was made up for as long as what was made with it; it is in no database. */
export const rememberMade = (made: object, credentials: Credentials): void => void shown.set(made, credentials);

/** The password that was made up together with this, so that it can be shown this once. */
export const madeWith = (made: object): Credentials | undefined => shown.get(made);

/** The next tab has read the same thing anew. */
export function passOnMade(from: object, to: object): void {
  const credentials = shown.get(from);
  if (credentials !== undefined) shown.set(to, credentials);
}
