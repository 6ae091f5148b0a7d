#!/bin/sh
# init: the tree it lays out, on each release, and what it refuses.
. "${0%/*}/lib.sh"

export SMEMAIL_FILTERD="$FILTERD"
dir=$tmp/mail
config=$dir/var/service/qpsmtpd/config

run "$SMEMAIL" init --root "$dir" --domain example.org --user anna \
	--port-base 21000
expect_status 0 'a new folder becomes a root'
expect_out_like '^laid out [0-9]+ files below' 'it tells how many files'
expect_err_like '^next: smemail --root .*/mail up$' 'and what comes next'
is "$("$SMEMAIL" --root "$dir" config getprop smtpd TCPPort)" 21525 \
	'the port base gives the SMTP port'
is "$("$SMEMAIL" --root "$dir" config get DomainName)" example.org \
	'the domain is stored'
is "$("$SMEMAIL" --root "$dir" db accounts gettype anna)" user \
	'the user is stored'
is "$(readlink "$dir/service/qpsmtpd")" ../var/service/qpsmtpd \
	'the service is linked as on the server'
is "$(readlink "$config/peers/127.0.0")" local \
	'the local network has its link in peers'
check 'the daemon accepts the configuration' \
	"$FILTERD" --check --config "$config" \
	--qmail-control "$dir/var/qmail/control"
check 'mail goes to the mailboxes of users' grep -Fqx \
	"queue/maildir $dir/home/e-smith/files/users %l/Maildir" \
	"$config/peers/0"
is "$(grep -v '^#' "$config/IP")" 127.0.0.1 'it listens on loopback'
is "$(grep -c 'Generated: ' "$config/badhelo")" 1 'files have the heading'
run "$SMEMAIL" --root "$dir" plan --exit-code
expect_status 0 'nothing waits to be applied'

find "$dir" | LC_ALL=C sort >"$tmp/before"
run "$SMEMAIL" init --root "$dir" --domain other.test
expect_status 0 'doing it again is fine'
expect_out_like 'is a root already; nothing changed' 'and says so'
expect_out_like '^domain +example.org$' 'with what stands there'
find "$dir" | LC_ALL=C sort >"$tmp/after"
check 'and changes nothing' cmp "$tmp/before" "$tmp/after"
is "$(cd "$dir" && "$SMEMAIL" --root . config get DomainName)" example.org \
	'a relative root works'

run "$SMEMAIL" init --root "$tmp/r91" --release 9.1 --json
expect_status 0 'release 9.1'
check 'with JSON' python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert j["schema"] == "smemail.init/1", j
assert j["release"] == "9.1" and not j["existed"], j
assert j["smtp_port"] == 2525 and j["domain"] == "example.test", j
' "$out"
check '9.1 has the old names of plugins' grep -Fqx check_badmailfrom \
	"$tmp/r91/var/service/qpsmtpd/config/peers/0"
check '9.1 has patterns in a file of their own' test -e \
	"$tmp/r91/var/service/qpsmtpd/config/badrcptto_patterns"
check '9.1: the daemon accepts it' "$FILTERD" --check \
	--config "$tmp/r91/var/service/qpsmtpd/config" \
	--qmail-control "$tmp/r91/var/qmail/control"
run "$SMEMAIL" init --root "$tmp/r11" --release 11
expect_status 0 'release 11'
check '11: submission has run parameters' grep -Fqx 'export PORT=2587' \
	"$tmp/r11/var/service/uqpsmtpd/runenv"
check '11: the daemon accepts it' "$FILTERD" --check \
	--config "$tmp/r11/var/service/qpsmtpd/config" \
	--qmail-control "$tmp/r11/var/qmail/control"

refused() { # WHAT TEXT WORDS...
	what=$1 text=$2
	shift 2
	run "$SMEMAIL" init "$@"
	expect_status 2 "$what: refused"
	expect_err_like "$text" "$what: told why"
}
mkdir "$tmp/foreign"
echo keep >"$tmp/foreign/file"
refused 'a folder with something else' 'it holds something else' \
	--root "$tmp/foreign"
is "$(ls -A "$tmp/foreign")" file 'a folder with something else: left alone'
refused 'the machine itself' "cannot lay out a mail system in '/'" --root /
long=$tmp/$(printf '%050d' 0)
refused 'a path too long for sockets' 'sockets below it allow' --root "$long"
check_not 'a path too long: nothing is made' test -e "$long"
refused 'a path with a blank' 'cannot hold such a path' --root "$tmp/a b"
refused 'a domain' 'is not a domain' --root "$tmp/x" --domain 'no dots'
refused 'a user' 'cannot be the first user' --root "$tmp/x" --user admin
refused 'a port base' 'is not a port base' --root "$tmp/x" --port-base 70000
refused 'a release' 'is no release' --root "$tmp/x" --release 12
check_not 'refusals make nothing' test -e "$tmp/x"

# EF-12: what the templates write draws no complaint
run "$FILTERD" --check --config "$config" --qmail-control \
	"$config/../../../qmail/control"
expect_status 0 'the filter takes a new layout'
expect_err '' 'and has nothing to say about it'

# what was begun and not finished may be begun again
mkdir -p "$tmp/half/etc/e-smith"
: >"$tmp/half/etc/e-smith/init-unfinished"
run "$SMEMAIL" init --root "$tmp/half"
expect_status 0 'a layout that was cut off is finished'
check_not 'and is not unfinished any more' test -e \
	"$tmp/half/etc/e-smith/init-unfinished"

run "$SMEMAIL" --root "$tmp/foreign" plan
expect_status 2 'a folder that is no root'
expect_err_like "is not a root of a mail system" 'a folder that is no root: why'
expect_err_like '^next: smemail init --root ' 'a folder that is no root: next'

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	mkdir -m 755 "$tmp/theirs"
	chmod 755 "$tmp"
	run setpriv --reuid 65534 --regid 65534 --clear-groups \
		env SMEMAIL_FILTERD="$FILTERD" "$SMEMAIL" \
		init --root "$tmp/theirs"
	expect_status 100 'a folder one may not write to'
	expect_err_like 'permission denied' 'a folder one may not write to: why'
	is "$(ls -A "$tmp/theirs")" '' 'and nothing is left there'
else
	skip 'a folder one may not write to' 'needs root'
fi

done_testing
