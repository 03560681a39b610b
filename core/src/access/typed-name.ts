/** A username as it was typed, in the form in which names are stored and compared. */
export const typedName = (username: string): string => username.normalize('NFC').toLowerCase();
