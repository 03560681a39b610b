import type { MailEngine } from './postfix-config.js';

/** Where the pieces of a private Dovecot lie and on which loopback ports it listens. */
export interface DovecotLayout {
  readonly engine: MailEngine;
  readonly hostname: string;
  /** Directory of dovecot-sql.conf.ext, dovecot-dict-sql.conf.ext and posthorn-postlogin.sh. */
  readonly etcDir: string;
  /** Whether posthorn-dovecot.conf exists: it then stands in for everything that this file would say about the database. */
  readonly included: boolean;
  /** Whether posthorn-postlogin.sh exists. */
  readonly postLogin: boolean;
  /** Whether the quota policy service for Postfix runs. */
  readonly quotaStatus: boolean;
  readonly runDir: string;
  readonly stateDir: string;
  readonly logFile: string;
  /** `private` of Postfix's queue directory, where the two sockets for Postfix go. */
  readonly postfixPrivateDir: string;
  readonly cert: string;
  readonly key: string;
  readonly firstUid: number;
  readonly ports: {
    readonly imap: number;
    readonly imaps: number;
    readonly pop3: number;
    readonly sieve: number;
    readonly trusted: number;
  };
}

const driver: Readonly<Record<MailEngine, string>> = { sqlite: 'sqlite', postgresql: 'pgsql', mariadb: 'mysql' };

/** What the rig says about mail, accounts and quotas where nobody wrote a posthorn-dovecot.conf. */
function ownSettings(layout: DovecotLayout): string {
  const { etcDir } = layout;
  const folders = ['Drafts', 'Junk', 'Sent', 'Trash']
    .map((name) => `  mailbox ${name} {\n    auto = subscribe\n    special_use = \\${name}\n  }\n`)
    .join('');
  const postLogin = layout.postLogin
    ? `service imap {
  executable = imap postlogin
}
service pop3 {
  executable = pop3 postlogin
}
service postlogin {
  executable = script-login ${etcDir}/posthorn-postlogin.sh
  user = vmail
  extra_groups = postfix
  unix_listener postlogin {
  }
}
`
    : '';
  return `auth_mechanisms = plain login
# an empty list allows every character; the default one refuses user names that are not ASCII
auth_username_chars =
first_valid_uid = ${layout.firstUid}
mail_location = maildir:~/Maildir
mail_plugins = quota
recipient_delimiter = +

namespace inbox {
  inbox = yes
${folders}}

passdb {
  driver = sql
  args = ${etcDir}/dovecot-sql.conf.ext
}
userdb {
  driver = sql
  args = ${etcDir}/dovecot-sql.conf.ext
}
dict {
  quota = ${driver[layout.engine]}:${etcDir}/dovecot-dict-sql.conf.ext
}
plugin {
  quota = dict:User quota::proxy::quota
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
protocol imap {
  mail_plugins = $mail_plugins imap_quota
}
protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
service lmtp {
  unix_listener ${layout.postfixPrivateDir}/dovecot-lmtp {
    mode = 0600
    user = postfix
    group = postfix
  }
}
service auth {
  unix_listener ${layout.postfixPrivateDir}/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
# the quota dict writes into the database, also SQLite's file, which belongs to group postfix
service dict {
  user = vmail
  extra_groups = postfix
  unix_listener dict {
    mode = 0600
    user = vmail
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
${postLogin}`;
}

/** dovecot.conf (2.3 syntax) of the rig; `extra` is appended as it is. */
export function dovecotConf(layout: DovecotLayout, extra = ''): string {
  const { ports } = layout;
  const quotaStatus = layout.quotaStatus
    ? `
service quota-status {
  executable = quota-status -p postfix
  unix_listener ${layout.postfixPrivateDir}/quota-status {
    mode = 0660
    user = postfix
    group = postfix
  }
  client_limit = 1
}
plugin {
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = "552 5.2.2 Mailbox is full"
}
`
    : '';
  return `base_dir = ${layout.runDir}
state_dir = ${layout.stateDir}
instance_name = posthorn-test
log_path = ${layout.logFile}
info_log_path = ${layout.logFile}
debug_log_path = ${layout.logFile}
listen = 127.0.0.1
protocols = imap pop3 lmtp sieve
hostname = ${layout.hostname}
postmaster_address = postmaster@${layout.hostname}
ssl = yes
ssl_cert = <${layout.cert}
ssl_key = <${layout.key}
disable_plaintext_auth = no
auth_verbose = yes
# a wrong password must not slow down the tests that follow it
auth_failure_delay = 0
lmtp_save_to_detail_mailbox = no
submission_host = 127.0.0.1:${ports.trusted}

service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = 0
  }
}
service managesieve-login {
  inet_listener sieve {
    port = ${ports.sieve}
  }
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${quotaStatus}${layout.included ? `!include ${layout.etcDir}/posthorn-dovecot.conf\n` : ownSettings(layout)}${extra}`;
}
