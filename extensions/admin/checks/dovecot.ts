import { type Dialect, type ExtensionContext, type Finding, instance, messages } from '@posthorn/sdk';
import { ask, findProgram } from './programs.js';

const t = messages('admin');

/** What the post-login script calls, and the Debian package that brings it. */
const CLIENT: Readonly<Record<Dialect, readonly [program: string, name: string]>> = {
  sqlite: ['sqlite3', 'sqlite3'],
  postgresql: ['psql', 'postgresql-client'],
  mariadb: ['mysql', 'mariadb-client'],
};

export async function checkDovecot(context: ExtensionContext): Promise<readonly Finding[]> {
  const version = await ask('dovecot', ['--version']);
  if (version === undefined) {
    return [
      {
        level: 'warning',
        message: t('Dovecot is not installed on this machine.'),
        mend: t('Install it, or ignore this where it runs elsewhere: apt install dovecot-imapd dovecot-lmtpd'),
      },
    ];
  }
  return [
    versionFinding(version.stdout),
    ...(await schemes()),
    ...(await client(context.get(instance).database.dialect)),
  ];
}

function versionFinding(text: string): Finding {
  const [whole = text.trim(), major = '0', minor = '0'] = /(\d+)\.(\d+)[\d.]*/.exec(text) ?? [];
  const release = Number(major) * 1000 + Number(minor);
  if (release === 2003) return { level: 'ok', message: t('Dovecot {{version}} is installed.', { version: whole }) };
  if (release > 2003) {
    return {
      level: 'warning',
      message: t('Dovecot {{version}} reads another configuration format than the files of `posthorn dovecot write`.', {
        version: whole,
      }),
      mend: t('Use Dovecot 2.3, or take the queries over into its format by hand.'),
    };
  }
  return {
    level: 'error',
    message: t('Dovecot {{version}} is too old: its quota dictionary and password schemes were not tried.', {
      version: whole,
    }),
    mend: t('Install Dovecot 2.3.'),
  };
}

async function schemes(): Promise<Finding[]> {
  const answer = await ask('doveadm', ['pw', '-l']);
  if (answer === undefined || answer.code !== 0) {
    const reason = (answer?.stderr ?? '').trim().split('\n').at(-1) ?? '';
    return [
      { level: 'warning', message: t('doveadm does not say which password schemes it knows: {{reason}}', { reason }) },
    ];
  }
  if (answer.stdout.split(/\s+/).includes('ARGON2ID'))
    return [{ level: 'ok', message: t('Dovecot verifies ARGON2ID passwords.') }];
  return [
    {
      level: 'error',
      message: t('Dovecot cannot verify ARGON2ID passwords: nobody could sign in by IMAP.'),
      mend: t('Choose another scheme: posthorn parameter set core.password_scheme sha512crypt'),
    },
  ];
}

async function client(dialect: Dialect): Promise<Finding[]> {
  const [program, name] = CLIENT[dialect];
  if ((await findProgram(program)) !== undefined) return [];
  return [
    {
      level: 'warning',
      message: t('{{program}} is not installed: the last sign-in by IMAP and POP3 is not recorded.', { program }),
      mend: `apt install ${name}`,
    },
  ];
}
