export interface Notice {
  readonly level: 'success' | 'info' | 'warning' | 'danger';
  readonly text: string;
  /** A button beside it: a path of ours that a form is sent to, or a link. */
  readonly action?: { readonly label: string; readonly path: string; readonly isLink: boolean };
}

/** One browser that somebody is signed in with. Moments are milliseconds. */
export interface Session {
  readonly id: number;
  readonly accountId: number;
  /** The account's role when this id was given; another one means a new id. */
  readonly role: string;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
  /** When the password was last given in this session. */
  readonly provedAt: number;
  readonly isRemembered: boolean;
  readonly address: string;
  readonly userAgent: string;
  /** Signs the tokens of this session's forms. */
  readonly formSecret: string;
  /** Sentences that wait for the next page. */
  readonly notices: readonly Notice[];
}

/** A session with the token that the browser is to keep; the token is known only at this moment. */
export interface OpenedSession {
  readonly session: Session;
  readonly token: string;
}
