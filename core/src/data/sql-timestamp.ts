/** UTC text that every database reads as a timestamp, in whole seconds. */
export const sqlTimestamp = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ');
