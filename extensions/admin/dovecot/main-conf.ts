import type { RenderInput } from '@posthorn/sdk';
import { namedDirectory } from '../maps/plain-path.js';
import { DRIVER } from './connect-string.js';
import { readOptions } from './options.js';
import { systemUserName, USUAL_OWNER } from './system-user.js';

/** `posthorn-dovecot.conf`, for `!include` at the end of `dovecot.conf` (Dovecot 2.3). */
export function mainConf({ database, options, directory: given }: RenderInput): string {
  const directory = namedDirectory(given);
  const { uid, postfix_spool: spool, sieve } = readOptions(options);
  const known = systemUserName(uid);
  const owner = known ?? USUAL_OWNER;
  const driver = DRIVER[database.dialect];
  // SQLite's side files are the group's that owns the database: see `posthorn check`.
  const groups = database.dialect === 'sqlite' ? 'dovecot,postfix' : 'dovecot';
  return `
mail_location = maildir:~/maildir
mail_plugins = $mail_plugins quota
first_valid_uid = ${Math.min(uid, 500)}

namespace inbox {
  inbox = yes
  mailbox Drafts {
    auto = subscribe
    special_use = \\Drafts
  }
  mailbox Junk {
    auto = subscribe
    special_use = \\Junk
  }
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \\Trash
  }
}

auth_mechanisms = plain login
# An empty list lets every character pass; the default refuses addresses that are not ASCII.
auth_username_chars =
passdb {
  driver = sql
  args = ${directory}/dovecot-sql.conf.ext
}
userdb {
  driver = sql
  args = ${directory}/dovecot-sql.conf.ext
}

dict {
  quota = ${driver}:${directory}/dovecot-dict-sql.conf.ext
}
plugin {
  quota = dict:User quota::proxy::quota
}
${known === undefined ? `# No user of this machine has the id ${uid}; where it is not ${USUAL_OWNER}, write its name twice below and once under stats.\n` : ''}service dict {
  user = ${owner}
  extra_groups = ${groups}
  unix_listener dict {
    mode = 0600
    user = ${owner}
  }
}

recipient_delimiter = +
protocol imap {
  mail_plugins = $mail_plugins imap_quota
}
${sieve ? SIEVE : ''}
service lmtp {
  unix_listener ${spool}/private/dovecot-lmtp {
    mode = 0600
    user = postfix
    group = postfix
  }
}
service auth {
  unix_listener ${spool}/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}

# Processes of the mail owner report there; without access every one of them logs an error.
service stats {
  unix_listener stats-writer {
    mode = 0660
    user = ${owner}
  }
}

service imap {
  executable = imap postlogin
}
service pop3 {
  executable = pop3 postlogin
}
service postlogin {
  executable = script-login ${directory}/posthorn-postlogin.sh
  user = $default_internal_user
  extra_groups = ${groups}
  unix_listener postlogin {
  }
}
`;
}

const SIEVE = `protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
plugin {
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
`;
