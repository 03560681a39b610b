import { type Actor, messages, VIEW_AUDIT } from '@posthorn/sdk';
import type { Link } from './editor.js';

const t = messages('admin');

/** Where the audit tells what happened to one thing, for those who may read it. */
export const historyOf = (actor: Actor, kind: string, pk: number, label = t('History')): readonly Link[] =>
  actor.can(VIEW_AUDIT) ? [{ label, icon: 'history', href: `/core/audit/?history=${kind}:${pk}` }] : [];
