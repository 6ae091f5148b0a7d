#!/bin/sh
# A throw-away Dovecot on loopback with TLS: IMAP, IMAPS and POP3, and a socket
# DIR/auth at which Postfix asks for logins. One account, joe / secret.
#
#     dovecot-instance.sh DIR IMAP-PORT IMAPS-PORT POP3-PORT start|stop
#
# DIR holds cert.pem and key.pem. Everything is below DIR; the system's own
# instance is not touched. Needs root and the packages dovecot-imapd,
# dovecot-pop3d.
set -eu
dir=$1
if [ "$5" = stop ]; then
	exec doveadm -c "$dir/dovecot.conf" stop
fi
echo 'joe:{PLAIN}secret:65534:65534::/nonexistent' >"$dir/users"
cat >"$dir/dovecot.conf" <<CONF
base_dir = $dir/run
log_path = $dir/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <$dir/cert.pem
ssl_key = <$dir/key.pem
ssl_min_protocol = TLSv1.2
mail_location = maildir:$dir/mail
auth_mechanisms = plain login cram-md5
default_internal_user = dovecot
default_login_user = dovenull
passdb {
  driver = passwd-file
  args = $dir/users
}
userdb {
  driver = passwd-file
  args = $dir/users
}
service imap-login {
  inet_listener imap {
    port = $2
  }
  inet_listener imaps {
    port = $3
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = $4
  }
  inet_listener pop3s {
    port = 0
  }
}
service auth {
  unix_listener $dir/auth {
    mode = 0666
  }
}
CONF
exec dovecot -c "$dir/dovecot.conf"
