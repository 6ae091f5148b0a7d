#!/bin/sh
# A throw-away Postfix on loopback that takes example.test durably and then
# discards it, a peer for throughput:
#
#     postfix-instance.sh DIR PORT start|stop
#
# Lines of DIR/extra.cf are added to its main.cf (TLS, logins), those of
# DIR/extra.master to its master.cf. Everything is
# below DIR; the system's own instance is not touched. Needs
# root and the package postfix.
set -eu
dir=$1
port=$2
action=${3:-start}
if [ "$action" = stop ]; then
	exec postfix -c "$dir/etc" stop
fi
mkdir -p "$dir/etc" "$dir/spool" "$dir/data"
cp -r /etc/postfix/postfix-files /etc/postfix/postfix-files.d \
    /etc/postfix/dynamicmaps.cf "$dir/etc/"
# the proto file's smtp service on our port, nothing in a chroot
awk -v port="$port" '
/^smtp[ \t]+inet/ { $1 = "127.0.0.1:" port }
/^[a-z0-9.:]/ && NF >= 8 { $5 = "n" }
{ print }' /etc/postfix/master.cf.proto >"$dir/etc/master.cf"
cat >"$dir/etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $dir/spool
data_directory = $dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
relay_domains = example.test
default_transport = discard:
relay_transport = discard:
smtpd_recipient_restrictions = permit_mynetworks,reject
alias_maps =
maillog_file = $dir/mail.log
maillog_file_prefixes = $dir
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
EOF
[ ! -e "$dir/extra.master" ] || cat "$dir/extra.master" >>"$dir/etc/master.cf"
[ ! -e "$dir/extra.cf" ] || cat "$dir/extra.cf" >>"$dir/etc/main.cf"
chown postfix "$dir/data"
exec postfix -c "$dir/etc" start
