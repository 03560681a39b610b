import type { Actor } from '@posthorn/sdk';

/** Who is not signed in. Its id is nobody's: `null` would be the system itself. */
export const guestActor: Actor = Object.freeze({
  id: 0,
  username: '',
  role: '',
  isSuperuser: false,
  door: 'page',
  can: () => false,
});
