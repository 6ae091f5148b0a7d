#!/bin/sh
# Links named after the tools of e-smith make smemail act as that tool.
. "${0%/*}/lib.sh"
new_root
cat >"$root/home/e-smith/db/configuration" <<'DB'
DomainName=example.com
qpsmtpd=service|status|enabled
DB
links=$BUILD/libexec

run "$links/config" get DomainName
expect_out example.com "config reads the configuration database"
run "$links/db" configuration getprop qpsmtpd status
expect_out enabled "db reads any database"
run "$links/db" configuration getprop qpsmtpd --json
expect_status 1 "nothing is an option of smemail there"
expect_out '' "and nothing is printed"
printf '@400000004a32392b2aa21dac x\n' >"$tmp/log"
TZ=UTC "$links/tai64nlocal" <"$tmp/log" >"$out"
expect_out '2009-06-12 11:16:49.715267500 x' "tai64nlocal decodes labels"
for name in expand-template signal-event; do
	run "$links/$name"
	check "$name answers for itself" test "$status" -ne 0
	expect_err_lacks 'unknown command' "$name is known"
done
run "$SMEMAIL" --root "$root" config get DomainName
expect_out example.com "global options before the word"
run env -u SMEMAIL_ROOT "$SMEMAIL" config --root "$root" get DomainName
expect_out example.com "and directly after it"
done_testing
