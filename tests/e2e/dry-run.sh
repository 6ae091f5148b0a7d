#!/bin/sh
# --dry-run of commands that change more than settings: all is checked, and no
# file of the root is another one afterwards (issue 3, item 4).
. "${0%/*}/lib.sh"
root=$tmp/root
SMEMAIL_ROOT=$root
export SMEMAIL_ROOT

sums() {
	(cd "$root" && find . -type f ! -name '*.lock' -exec cksum {} + |
		LC_ALL=C sort)
}

dry() { # STATUS WHAT WORDS...
	dry_status=$1 dry_what=$2
	shift 2
	sums >"$tmp/before"
	run "$SMEMAIL" "$@" --dry-run
	expect_status "$dry_status" "$dry_what: status $dry_status"
	sums >"$tmp/after"
	check "$dry_what: no file changes" cmp "$tmp/before" "$tmp/after"
}

run "$SMEMAIL" init --user anna --dry-run
expect_status 0 "init"
expect_out_like '^smtp +127.0.0.1:2525' "init tells what would be there"
check_not "init makes nothing" test -e "$root"
run "$SMEMAIL" init --user 'A b' --dry-run
expect_status 2 "init refuses what it would refuse"
"$SMEMAIL" init --user anna >"$out"

dry 0 up up
expect_err_like 'nothing is changed' "up says so"
dry 0 down down
dry 0 "event run" event run email-update
dry 1 "event run of none" event run no-such-event
dry 0 "template customize" template customize local.cf 10required_score \
    --from /dev/null
"$SMEMAIL" template customize local.cf 10required_score \
    --from /dev/null >"$out"
dry 0 "template revert" template revert local.cf
expect_out_like '^would remove .*10required_score' "it tells what would go"
dry 2 "service start of none" service start nosuch
dry 0 "dkim keygen" dkim keygen example.test
expect_out_like "^would make RSA 2048 of example.test in '.*/private'" \
    "it tells where the key would be"
"$SMEMAIL" dkim keygen example.test >"$out" 2>"$err"
dry 100 "dkim keygen where there is a key" dkim keygen example.test
dry 0 "dkim keygen --replace" dkim keygen example.test --replace
dry 3 "dkim rotate" --dns 127.0.0.1:9 dkim rotate example.test
expect_out_like '^would make a key' "it tells the step"
run "$SMEMAIL" mtu --try 600 --dry-run 127.0.0.1
expect_out_like '^interface lo would have 600 ' "mtu --try"
done_testing
