import { field, messages, parseShape } from '@posthorn/sdk';
import { isPlainPath } from '../maps/plain-path.js';

const t = messages('admin');

const path = (o: { readonly label: string; readonly help: string }) =>
  field.string({ label: t(o.label), help: t(o.help), max: 200 }).refine(isPlainPath, {
    message: 'must be an absolute path of letters, digits and . _ + @ = - without a slash at its end',
  });

/** Users below are the system's (and 0 is root, whom Dovecot refuses). */
const id = (label: string, help: string) =>
  field.integer({ label: t(label), help: t(help), min: 1, max: 4_294_967_293 });

export const dovecotOptions = {
  mail_home: path({ label: 'Mail directory', help: 'Mail lies in DIRECTORY/<domain>/<local part>' }),
  uid: id('User id', 'System user that owns the mail'),
  gid: id('Group id', 'System group that owns the mail'),
  postfix_spool: path({ label: 'Postfix queue directory', help: 'Where Postfix looks for the sockets' }).default(
    '/var/spool/postfix',
  ),
  sieve: field
    .boolean({ label: t('Sieve'), help: t('Switch mail filters on (the package dovecot-sieve is needed)') })
    .default(false),
};

/** The options of a run, as `render` gets them. */
export const readOptions = (raw: Readonly<Record<string, unknown>>) => parseShape(dovecotOptions, raw);

export type DovecotOptions = ReturnType<typeof readOptions>;
