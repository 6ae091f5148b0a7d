#!/bin/sh
# set: what is refused says why, what next, and changes nothing.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root

refused() { # STATUS STDERR ARGS...
	wanted=$1 text=$2
	shift 2
	run "$SMEMAIL" "$@"
	[ "$status" -eq "$wanted" ] && same_text "$err" "$text" && [ ! -s "$out" ]
	verdict $? "refused: $*"
}

refused 2 "smemail: unknown setting 'spam.rejectlevel'
next: smemail set spam.reject-level 10" set spam.rejectlevel 10
refused 2 "smemail: cannot set 'spam.reject-level': '25' is not a whole number from 0 to 20" \
    set spam.reject-level 25
refused 2 "smemail: cannot set 'spam.reject-level': '-1' is not a whole number from 0 to 20" \
    set spam.reject-level -1
refused 2 "smemail: cannot set 'spam.sensitivity': 'hi' fits high and no other; write it out
next: smemail set spam.sensitivity high" set spam.sensitivity hi
refused 2 "smemail: cannot set 'php.memory-limit': '64' has no suffix, PHP would read bytes
next: smemail set php.memory-limit 64M" set php.memory-limit 64
refused 2 "smemail: cannot set 'rbl.dns-zones': 'dnsbl.ahbl.org' is a dead list, it answers nothing" \
    set rbl.dns-zones dnsbl.ahbl.org
refused 2 "smemail: cannot set 'relay.free-clients': '192.168.1.0/24' is a network, only single addresses count here
next: smemail set relay.free-clients 192.168.1.40,192.168.1.77" \
    set relay.free-clients 192.168.1.0/24
refused 2 "smemail: 'filter.resolvable-from' is not on this release (SME 10): until SME 7" \
    set filter.resolvable-from no
refused 2 "smemail: 'relay.require-auth' disabled makes an open relay for 254 addresses
next: repeat with --accept open-relay, or: smemail set relay.free-clients IP" \
    set relay.require-auth disabled
refused 2 "smemail: 'imap.access' public sends passwords in clear over the Internet
next: repeat with --accept exposes-passwords, or: smemail set imaps.access public" \
    set imap.access public --accept open-relay
refused 2 "smemail: no user 'ana'; there is 'anna'
next: smemail user show anna" set spam.user-sort on --for ana
refused 2 "smemail: cannot set 'delivery.smarthost-password': a secret is not taken from the command line
next: smemail set delivery.smarthost-password --stdin" \
    set delivery.smarthost-password hunter2
refused 2 "smemail: cannot set 'delivery.smarthost-password': a secret is not taken from the command line
next: smemail set delivery.smarthost-password --stdin" \
    set delivery.smarthost-password=hunter2
refused 2 "smemail: 'filter.plugins-local' is set for each entry
next: add --for NAME" \
    set filter.plugins-local karma
refused 2 "smemail: 'relay.custom-clients' 10.0.0.0/1 lets hosts outside the local networks relay without a login
next: repeat with --accept open-relay" set relay.custom-clients 10.0.0.0/1
refused 2 "smemail: cannot use that target of 'lists.from-to': 'a@b.test *@c.test' is not a pair: sender (user@host or @host), one tab, recipient (user@host), no wildcard" \
    set lists.from-to refuse --for 'a@b.test *@c.test'
refused 2 "smemail: no value given for 'spam.filter'
next: smemail describe spam.filter" set spam.filter
refused 2 "smemail: 'on' has no '=VALUE'
next: smemail set --help" set spam.filter=on on
refused 2 "smemail: cannot set 'spam.subject-text': 'a\\x0ab' holds a control character" \
    set spam.subject-text "$(printf 'a\nb')"
refused 2 "smemail: cannot set 'spam.subject-text': 'a|b' holds '|', which the database cannot keep" \
    set spam.subject-text 'a|b'
refused 2 "smemail: standard input is empty" set spam.subject-text --stdin
nothing_changed "after all of these the databases are untouched"

# one refused, none stored
run "$SMEMAIL" set spam.tag-level=3 spam.reject-level=99
expect_status 2 "one bad value of two"
run "$SMEMAIL" set spam.tag-level=3 no.such=1
expect_status 2 "one unknown name of two"
nothing_changed "stores neither"

# a megabyte, and bytes that mean something elsewhere
python3 -c 'print("a" * 1000000)' >"$tmp/large"
"$SMEMAIL" set spam.subject-text --stdin <"$tmp/large" >"$out" 2>"$err"
is $? 2 "a megabyte is refused"
cp "$err" "$tmp/said"
check "with a short message" smaller_than "$tmp/said" 600
printf 'a\000b\n' | "$SMEMAIL" set spam.subject-text --stdin >"$out" 2>"$err"
is $? 2 "a zero byte is refused"
run "$SMEMAIL" set spam.subject-text "$(printf '\033[31mred')"
expect_err_lacks "$(printf '\033')" "escape sequences do not come back"
nothing_changed "still untouched"

# the store is held by another program
if command -v flock >/dev/null; then
	db=$root/home/e-smith/db/configuration
	mkfifo "$tmp/held"
	cat >"$tmp/holder" <<END
#!/bin/sh
echo >"$tmp/held"
exec sleep 60
END
	chmod +x "$tmp/holder"
	flock --no-fork "$db.lock" "$tmp/holder" &
	holder=$!
	at_end "kill $holder 2>/dev/null"
	read -r _ <"$tmp/held"
	run "$SMEMAIL" set spam.filter off
	expect_status 111 "a lock held for too long is temporary"
	expect_err_like "cannot lock '/home/e-smith/db/configuration': held by " \
	    "and names the database"
	expect_err_like '^next: ' "with a next step"
	kill "$holder"
	wait "$holder" 2>/dev/null
	nothing_changed "nothing is stored"
else
	skip "a held lock" "flock is not installed"
fi

# a root that may not be written
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod go+x "${tmp%/*}"
	chmod -R go+rX "$tmp"
	run setpriv --reuid 65534 --regid 65534 --clear-groups \
	    "$SMEMAIL" set spam.filter off
	expect_status 100 "an unwritable root is permanent"
	expect_err "smemail: cannot write '/home/e-smith/db/configuration': permission denied
next: run it as root, or with --root DIR" "and says what to do"
	nothing_changed "nothing is stored"
else
	skip "an unwritable root" "not root, or without setpriv"
fi
done_testing
