import { type Dialect, type ExtensionContext, type Finding, instance, messages } from '@posthorn/sdk';
import { ask } from './programs.js';

const t = messages('admin');

/** Names of the table types, and of the Debian packages that bring them. */
const TYPE: Readonly<Record<Dialect, string>> = { sqlite: 'sqlite', postgresql: 'pgsql', mariadb: 'mysql' };

export async function checkPostfix(context: ExtensionContext): Promise<readonly Finding[]> {
  const type = TYPE[context.get(instance).database.dialect];
  const types = await ask('postconf', ['-m']);
  if (types === undefined) {
    return [
      {
        level: 'warning',
        message: t('Postfix is not installed on this machine.'),
        mend: t('Install it, or ignore this where it runs elsewhere: apt install postfix postfix-{{type}}', { type }),
      },
    ];
  }
  if (types.code !== 0) return [unreadable(types.stderr)];
  const isSupported = types.stdout.split(/\s+/).includes(type);
  return [
    isSupported
      ? { level: 'ok', message: t('Postfix can read tables of the type {{type}}.', { type }) }
      : {
          level: 'error',
          message: t('Postfix cannot read tables of the type {{type}}.', { type }),
          mend: `apt install postfix-${type}`,
        },
    ...(await settings(type)),
    ...(type === 'sqlite' ? await chroots() : []),
  ];
}

const unreadable = (reason: string): Finding => ({
  level: 'warning',
  message: t('The configuration of Postfix cannot be read: {{reason}}', {
    reason: reason.trim().split('\n').at(-1) ?? '',
  }),
  mend: t('Give it a main.cf; `posthorn maps write` writes an example.'),
});

async function settings(type: string): Promise<Finding[]> {
  const answer = await ask('postconf', [
    'virtual_mailbox_domains',
    'smtpd_recipient_restrictions',
    'unverified_recipient_reject_code',
    'address_verify_negative_expire_time',
  ]);
  if (answer === undefined || answer.code !== 0) return [unreadable(answer?.stderr ?? '')];
  const value = (name: string): string => new RegExp(`^${name} = (.*)$`, 'm').exec(answer.stdout)?.[1] ?? '';
  const findings: Finding[] = [];
  if (!value('virtual_mailbox_domains').includes('sql-domains.cf')) {
    findings.push({
      level: 'warning',
      message: t('Postfix does not use our tables: virtual_mailbox_domains names no sql-domains.cf.'),
      mend: t('Write them with `posthorn maps write DIR` and take over what posthorn-main.cf.example says.'),
    });
  } else if (type !== 'sqlite' && !value('virtual_mailbox_domains').includes('proxy:')) {
    findings.push({
      level: 'warning',
      message: t(
        'Every Postfix process opens its own database connections, because the tables are not read through proxy:.',
      ),
      mend: t('Write proxy:{{type}}: instead of {{type}}: in main.cf.', { type }),
    });
  }
  if (value('smtpd_recipient_restrictions').includes('reject_unverified_recipient')) {
    if (value('unverified_recipient_reject_code') !== '550') {
      findings.push({
        level: 'warning',
        message: t('Mail to unknown recipients is put off instead of refused.'),
        mend: 'postconf unverified_recipient_reject_code=550',
      });
    }
    if (value('address_verify_negative_expire_time') === '3d') {
      findings.push({
        level: 'warning',
        message: t('A new mailbox that somebody wrote to before may stay unknown to Postfix for three days.'),
        mend: 'postconf address_verify_negative_expire_time=10m address_verify_negative_refresh_time=1m',
      });
    }
  }
  return findings;
}

/** In a chroot the side files of the database cannot be reached (master(5), fifth column). */
async function chroots(): Promise<Finding[]> {
  const answer = await ask('postconf', ['-F', '*/*/chroot', '*/*/command']);
  if (answer === undefined || answer.code !== 0) return [];
  const services = new Map<string, { chroot?: string; command?: string }>();
  for (const line of answer.stdout.split('\n')) {
    const [, service, field, value] = /^(\S+\/\S+)\/(chroot|command) = (\S+)/.exec(line) ?? [];
    if (service === undefined || field === undefined) continue;
    services.set(service, { ...services.get(service), [field]: value });
  }
  return [...services]
    .filter(
      ([, { chroot, command }]) =>
        chroot === 'y' && ['smtpd', 'cleanup', 'trivial-rewrite', 'proxymap'].includes(command ?? ''),
    )
    .map(([service, { command = '' }]) => ({
      level: 'error',
      message: t('Postfix runs {{command}} ({{service}}) in a chroot, where it cannot read an SQLite database.', {
        command,
        service,
      }),
      mend: `postconf -F ${service}/chroot=n && postfix reload`,
    }));
}
