import { type Contribution, contribute, slot } from '../slot.js';
import type { PageRequest } from './pages.js';

/** A place that the command palette leads to. @public @since 1.0.0 */
export interface PaletteEntry {
  /** Shown as it is: in the reader's language, or a name. */
  readonly label: string;
  /** A few words more: what kind of thing it is. */
  readonly text?: string;
  /** A path of ours; anything else is left out. */
  readonly href: string;
}

/**
 * Finds places for what is typed into the command palette. It is asked at every key, so it answers from an index, in a
 * number of statements that does not grow with what is stored, and gives only what this reader may open. It has a second
 * and a half, and eight entries of it are shown; one that fails or is late leaves the others alone.
 * @public @since 1.0.0
 */
export interface PaletteSource {
  /** Unique within the extension. */
  readonly id: string;
  /** `query` is trimmed and never empty. */
  search(query: string, request: PageRequest): Promise<readonly PaletteEntry[]>;
}

/** The slot of what the command palette finds. @public @since 1.0.0 */
export const palette = slot<PaletteSource>('host.palette@1');
/** Contributes places to the command palette. @public @since 1.0.0 */
export const paletteSource = (s: PaletteSource, o: { readonly order?: number } = {}): Contribution =>
  contribute(palette, s, o);
