/** The contract's own version: what an extension's `sdk` range is compared with. @public @since 1.0.0 */
export const SDK_VERSION = '1.0.0';
