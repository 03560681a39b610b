import { AsyncLocalStorage } from 'node:async_hooks';

const holding = new AsyncLocalStorage<string>();

/**
 * What `work` writes down for others, its events and its records of who changed what, is held back under this name until
 * somebody lets it go: they belong to work of which all is to be done or nothing, in more than one transaction.
 */
export const withHeld = <T>(name: string, work: () => T): T => holding.run(name, work);

/** The name under which the present work is held back; undefined where it is not. */
export const heldAs = (): string | undefined => holding.getStore();
