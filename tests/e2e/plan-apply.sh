#!/bin/sh
# plan and apply on a tree whose services do not run: set, plan, apply, the
# file holds it, unset, apply, the file is back to the byte; failures change
# nothing.
. "${0%/*}/lib.sh"
one_day

export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
config=$SMEMAIL_ROOT/var/service/qpsmtpd/config
custom=$SMEMAIL_ROOT/etc/e-smith/templates-custom/var/service/qpsmtpd/config
"$SMEMAIL" --root "$SMEMAIL_ROOT" init >/dev/null 2>&1 ||
	skip_all 'init does not work'

# every generated file and link, to the byte
snapshot() { # TO
	(cd "$SMEMAIL_ROOT" && find var/service var/qmail -type f -o -type l |
		LC_ALL=C sort | while read -r f; do
		printf '%s %s\n' "$f" "$(readlink "$f" || cksum <"$f")"
	done) >"$1"
}
snapshot "$tmp/first"

run "$SMEMAIL" plan
expect_status 0 'a new root'
expect_out 'nothing to apply' 'a new root: nothing to apply'
run "$SMEMAIL" apply
expect_status 0 'apply without anything to apply'
expect_out 'nothing to apply' 'apply without anything to apply: told'

"$SMEMAIL" set lists.badmailfrom Black --for @bad.test >/dev/null 2>&1
"$SMEMAIL" set smtp.greeting mx.example.test >/dev/null 2>&1
run "$SMEMAIL" plan --exit-code
expect_status 3 'plan --exit-code tells that changes wait'
expect_out_like '^! lists.badmailfrom --for @bad.test +- -> Black +may lose' \
	'plan shows the entry and its risk'
expect_out_like '^  /var/service/qpsmtpd/config/badmailfrom$' 'plan: the file'
expect_out_like '^  \+@bad.test$' 'plan: its line'
expect_out_like '^  -mail.example.test$' 'plan: the line that goes'
expect_out_like '^  email-update +[0-9]+ files, 3 differ' 'plan: the event'
expect_err_like '^2 settings, 3 files, 1 event$' 'plan: counts'
expect_err_like '^next: smemail apply$' 'plan: next'
snapshot "$tmp/planned"
check 'plan writes nothing' cmp "$tmp/first" "$tmp/planned"
run "$SMEMAIL" --json plan
check 'plan --json' python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert j["schema"] == "smemail.plan/1" and j["pending"] == 2, j
assert j["base"] is None, j
s = {x["name"]: x for x in j["settings"]}
x = s["lists.badmailfrom --for @bad.test"]
assert (x["old"], x["new"], x["risk"]) == ("-", "Black", "may-lose-mail"), x
assert s["smtp.greeting"]["origin"] == "stored", s
f = {x["path"]: x for x in j["files"]}
x = f["/var/service/qpsmtpd/config/smtpgreeting"]
assert (x["added"], x["removed"]) == (1, 1), x
assert "+mx.example.test\n" in x["diff"], x
assert [e["name"] for e in j["events"]] == ["email-update"], j["events"]
' "$out"

run "$SMEMAIL" apply
expect_status 0 'apply'
expect_out_like '^ok +event +email-update: [0-9]+ files, 3 changed' 'the event'
expect_out_like '^ok +verify +[0-9]+ files as planned' 'the check'
expect_out_like '^change 1 applied$' 'change 1'
check 'the file holds the entry' grep -Fqx @bad.test "$config/badmailfrom"
is "$(cat "$config/smtpgreeting")" mx.example.test 'and the greeting'
check 'the event is in the log (ES-121)' grep -Fq \
	'Processing event: email-update' "$SMEMAIL_ROOT/var/log/messages"
check 'and its files (ES-125)' grep -Fq \
	'expanding /var/service/qpsmtpd/config/badmailfrom' \
	"$SMEMAIL_ROOT/var/log/messages"
run "$SMEMAIL" plan --exit-code
expect_status 0 'nothing waits after apply'
expect_out_like '^nothing to apply; last apply: change 1, today' 'and who did it'

# write-if-changed (ES-101)
ls -i "$config/relayclients" >"$tmp/inode"
"$SMEMAIL" unset lists.badmailfrom --for @bad.test >/dev/null 2>&1
"$SMEMAIL" unset smtp.greeting >/dev/null 2>&1
run "$SMEMAIL" --json apply
expect_status 0 'unset and apply'
check 'apply --json' python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert j["schema"] == "smemail.apply/1" and j["change"] == 2, j
assert {s["state"] for s in j["steps"]} == {"ok"}, j
' "$out"
snapshot "$tmp/back"
check 'every file is back to the byte' cmp "$tmp/first" "$tmp/back"
ls -i "$config/relayclients" >"$tmp/inode2"
check 'a file that stays the same is not replaced' cmp "$tmp/inode" \
	"$tmp/inode2"

# a record that another tool changed is seen too
"$SMEMAIL" config setprop smtpd Greeting other.test
run "$SMEMAIL" plan
expect_out_like '^  \+other.test$' 'plan sees what db setprop did'
expect_err_like '^0 settings, 1 file, 1 event$' 'as a file without a setting'
"$SMEMAIL" config delprop smtpd Greeting

# networks make links of peers/ and come away with them
"$SMEMAIL" db networks set 10.1.0.0 network Mask 255.255.0.0
run "$SMEMAIL" apply
is "$(readlink "$config/peers/10.1")" local 'a network gets its link'
"$SMEMAIL" db networks delete 10.1.0.0
run "$SMEMAIL" apply
check_not 'and loses it' test -L "$config/peers/10.1"

# mode of an existing file is kept (ES-100)
chmod 600 "$config/badhelo"
"$SMEMAIL" set lists.badhelo Black --for liar.test >/dev/null 2>&1
run "$SMEMAIL" apply
is "$(stat -c %a "$config/badhelo")" 600 'an existing file keeps its mode'
"$SMEMAIL" unset lists.badhelo --for liar.test >/dev/null 2>&1
"$SMEMAIL" apply >/dev/null 2>&1
chmod 644 "$config/badhelo"

# fragments that do not expand, or that the filter would not load
nothing_changed() { # WHAT TEXT
	"$SMEMAIL" set lists.badhelo Black --for liar.test >/dev/null 2>&1
	run "$SMEMAIL" apply
	expect_status 100 "$1: refused for good"
	expect_err_like "$2" "$1: told why"
	expect_out '' "$1: no step was taken"
	snapshot "$tmp/now"
	check "$1: no file is changed" cmp "$tmp/first" "$tmp/now"
	run "$SMEMAIL" get --verbose lists.badhelo --for liar.test
	expect_out_like 'pending' "$1: the setting still waits"
	"$SMEMAIL" unset lists.badhelo --for liar.test >/dev/null 2>&1
}
mkdir -p "$custom/peers/0"
echo '{ die "no such luck" }' >"$custom/peers/0/99mine"
nothing_changed 'a fragment that fails' '99mine., line 1: no such luck'
echo 'frobnicate all' >"$custom/peers/0/99mine"
nothing_changed 'an unknown plugin' "unknown plugin 'frobnicate'"
echo 'rcpt_ok }' >"$custom/peers/0/99mine"
nothing_changed 'a stray brace' 'closing brace'
rm -r "$custom/peers"

# an own fragment replaces the native one of its name (ES-81)
mkdir -p "$custom/badhelo"
echo own.test >"$custom/badhelo/20aol.com"
run "$SMEMAIL" apply
expect_status 0 'an own fragment'
check 'replaces the native one' grep -Fqx own.test "$config/badhelo"
check_not 'whose line is gone' grep -Fqx aol.com "$config/badhelo"
rm -r "$custom/badhelo"
"$SMEMAIL" apply >/dev/null 2>&1

# a file that cannot be written: those before it are put back
mv "$config/whitelistsenders" "$tmp/kept"
mkdir "$config/whitelistsenders"
"$SMEMAIL" set lists.badhelo Black --for liar.test >/dev/null 2>&1
"$SMEMAIL" set lists.whitelistsenders White --for good.test >/dev/null 2>&1
run "$SMEMAIL" apply
expect_status 100 'a folder in the place of a file'
check_not 'nothing is half applied' grep -Fqx liar.test "$config/badhelo"
rmdir "$config/whitelistsenders"
mv "$tmp/kept" "$config/whitelistsenders"
"$SMEMAIL" unset lists.badhelo --for liar.test >/dev/null 2>&1
"$SMEMAIL" unset lists.whitelistsenders --for good.test >/dev/null 2>&1
"$SMEMAIL" apply >/dev/null 2>&1

# two at once: one waits for the other, both are right
"$SMEMAIL" set lists.badhelo Black --for one.test >/dev/null 2>&1
"$SMEMAIL" apply >"$tmp/a" 2>&1 &
first=$!
"$SMEMAIL" apply >"$tmp/b" 2>&1 &
second=$!
wait "$first" && wait "$second"
is $? 0 'two applies at once both end well'
is "$(cat "$tmp/a" "$tmp/b" | grep -c '^change [0-9]* applied$')" 1 \
	'and one of them did it'
check 'and it is done' grep -Fqx one.test "$config/badhelo"

# a lock that is not released in time
if command -v flock >/dev/null && command -v timeout >/dev/null; then
	"$SMEMAIL" set lists.badhelo Black --for two.test >/dev/null 2>&1
	flock "$SMEMAIL_ROOT/var/lock/smemail-apply" sleep 300 &
	holder=$!
	at_end "kill $holder 2>/dev/null"
	wait_until 30 pgrep -P "$holder"
	status=0
	timeout -s INT 2 "$SMEMAIL" apply >/dev/null 2>&1 || status=$?
	is "$status" 124 'an apply waits for the one before it'
	pkill -P "$holder"
	wait "$holder" 2>/dev/null
	check 'and goes on when that has ended' "$SMEMAIL" apply
fi

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	"$SMEMAIL" set lists.badhelo Black --for three.test >/dev/null 2>&1
	chmod 755 "$tmp" "$SMEMAIL_ROOT/home/e-smith/db"
	chmod -R a+rX "$SMEMAIL_ROOT"
	snapshot "$tmp/before"
	run setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$SMEMAIL" apply
	expect_status 100 'an apply without permission'
	expect_err_like 'permission denied' 'an apply without permission: why'
	snapshot "$tmp/after"
	check 'it changes nothing' cmp "$tmp/before" "$tmp/after"
else
	skip 'an apply without permission' 'needs root'
fi

done_testing
