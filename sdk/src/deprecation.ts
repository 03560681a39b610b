/** What will go: marked by its owner, named wherever an extension still uses it, and served until then. */

/** When something goes, and what takes its place. @public @since 1.0.0 */
export interface Deprecation {
  /** The owner's version that marked it: of this SDK for references of the host, else of the owner's package. */
  readonly since: string;
  /** The owner's version that no longer has it; a new major one. */
  readonly gone: string;
  /** What takes its place: the id of a reference or the name of an export. */
  readonly use: string;
  /** What it is called where it is no whole reference, such as the name of a helper. Default: the reference's id. */
  readonly name?: string;
}

/**
 * Marks a reference as deprecated; whoever else than its owner uses it is named by the doctor. A helper that goes marks
 * what it returns, with its `name`, for whoever calls it. Each mark has a page in the owner's list of changes.
 * @beta @since 1.0.0
 */
export const deprecated = <T extends { readonly deprecated?: Deprecation }>(what: T, d: Deprecation): T =>
  Object.freeze({ ...what, deprecated: Object.freeze(d) });
