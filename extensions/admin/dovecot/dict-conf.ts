import type { RenderInput } from '@posthorn/sdk';
import { connectString, keptConnect } from './connect-string.js';

const map = (pattern: string, column: string): string =>
  [
    'map {',
    `  pattern = ${pattern}`,
    '  table = admin_quota',
    '  username_field = username',
    `  value_field = ${column}`,
    '}',
  ].join('\n');

/** `dovecot-dict-sql.conf.ext`: the quota dictionary, one row per address in `admin_quota`. */
export const dictConf = ({ database, previous }: RenderInput): string =>
  [
    `connect = ${keptConnect(previous) ?? connectString(database)}`,
    map('priv/quota/storage', 'bytes'),
    map('priv/quota/messages', 'messages'),
    '',
  ].join('\n');
