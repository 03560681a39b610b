#!/bin/bash
# The inside of sandbox.sh: makes the copy of the machine a fresh one, then runs the steps until one fails.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
# Whoever has no Node in a system folder (a version manager's, say) gets the packaged one.
command -v node >/dev/null || PATH=$PATH:/opt/posthorn/node_modules/.bin
unset POSTHORN_INSTANCE || :

for user in posthorn vmail; do
  if getent passwd "$user" >/dev/null; then userdel --force "$user" 2>/dev/null; fi
  if getent group "$user" >/dev/null; then groupdel "$user"; fi
done
rm -rf /var/lib/posthorn /srv/vmail /usr/local/bin/posthorn /etc/postfix/main.cf /etc/postfix/posthorn \
  /etc/dovecot/conf.d /etc/dovecot/local.conf /etc/dovecot/posthorn /var/spool/postfix/pid /var/lib/postfix/*
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
cp -r /usr/share/dovecot/conf.d /usr/share/dovecot/dovecot.conf /etc/dovecot/
mkdir -p /srv /etc/systemd/system /usr/local/bin
# No journal here: what goes wrong is to be read in files.
echo 'maillog_file = /var/log/posthorn-mail.log' >/etc/postfix/main.cf
echo 'log_path = /var/log/posthorn-dovecot.log' >/etc/dovecot/conf.d/99-log.conf
rm -f /var/log/posthorn-*.log

cd /root
for ((n = 1; ; n++)); do
  [ -e /run/steps/$n.sh ] || break
  code=0
  timeout 120 bash -e /run/steps/$n.sh >/run/steps/$n.out 2>&1 </dev/null || code=$?
  echo $code >/run/steps/$n.code
  [ $code -eq 0 ] || break
done
cat /var/log/posthorn-*.log >/run/steps/log 2>/dev/null || :
