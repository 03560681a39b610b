import { field, messages, parseShape, type Text } from '@posthorn/sdk';
import { isPlainPath } from '../maps/plain-path.js';

const t = messages('admin');

const path = (o: { readonly label: Text; readonly help: Text }) =>
  field.string({ ...o, max: 200 }).refine(isPlainPath, {
    message: 'must be an absolute path of letters, digits and . _ + @ = - without a slash at its end',
  });

/** Users below are the system's (and 0 is root, whom Dovecot refuses). */
const id = (label: Text, help: Text) => field.integer({ label, help, min: 1, max: 4_294_967_293 });

export const dovecotOptions = {
  mail_home: path({ label: t('Mail directory'), help: t('Mail lies in DIRECTORY/<domain>/<local part>') }),
  uid: id(t('User id'), t('System user that owns the mail')),
  gid: id(t('Group id'), t('System group that owns the mail')),
  postfix_spool: path({ label: t('Postfix queue directory'), help: t('Where Postfix looks for the sockets') }).default(
    '/var/spool/postfix',
  ),
  sieve: field
    .boolean({ label: t('Sieve'), help: t('Switch mail filters on (the package dovecot-sieve is needed)') })
    .default(false),
};

/** The options of a run, as `render` gets them. */
export const readOptions = (raw: Readonly<Record<string, unknown>>) => parseShape(dovecotOptions, raw);

export type DovecotOptions = ReturnType<typeof readOptions>;
