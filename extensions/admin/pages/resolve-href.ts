export const RESOLVE = '/admin/resolve/';

/** The page that says where an address goes. */
export const resolveHref = (address: string): string => `${RESOLVE}?address=${encodeURIComponent(address)}`;
