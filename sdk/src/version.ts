/** The contract's own version: what an extension's `sdk` range is compared with. */
export const SDK_VERSION = '1.0.0';
