#!/bin/sh
# status: services, changes and settings in one answer (screens 4.1, 6).
. "${0%/*}/lib.sh"

root=$tmp/root
SMEMAIL_FILTERD=$FILTERD
export SMEMAIL_FILTERD
run "$SMEMAIL" init --root "$root" --domain example.test --user anna
expect_status 0 "a root is laid out"
SMEMAIL_ROOT=$root
export SMEMAIL_ROOT

run "$SMEMAIL" status
expect_status 1 "a service that should run and does not is an answer of no"
expect_out_like '^FAIL +1 service should run' "it is counted"
expect_out_like '^services +.*qpsmtpd' "and named"
expect_out_like '^changes +0 pending; no apply yet' "nothing was changed yet"
expect_err_like '^next: smemail service status$' "what to look at next"

run "$SMEMAIL" set spam.sensitivity high
run "$SMEMAIL" status
expect_out_like '^changes +1 pending' "a stored setting waits"

run "$SMEMAIL" config setprop spamassassin RejectLevel bogus
run "$SMEMAIL" status
expect_out_like '^settings .* 1 not valid' "a value of another tool is judged"

run "$SMEMAIL" status --json
check "the JSON is JSON and has its schema" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "smemail.status/1" and d["state"] == "FAIL"
assert d["changes"] == {"pending": 1, "last": None}
assert d["settings"]["not_valid"] == 1
assert [s["name"] for s in d["services"]].count("qpsmtpd") == 1
' "$out"

db=$SMEMAIL_ROOT/home/e-smith/db/configuration
cp "$db" "$tmp/saved"
printf 'x=\0y\n' >"$db"
run "$SMEMAIL" status
expect_status 1 "a damaged database is an answer of no"
expect_out_like '^FAIL +.*configuration.* holds bytes that are no text' \
    "the first line names it"
expect_out_like '^settings +\?\?\?\? ' "nothing is said of what is stored"
expect_err 'next: restore it from a backup' "and what to do"
run "$SMEMAIL" list Webmail
expect_err_like '^! .*configuration.* it is damaged$' "the list tells it too"
cp "$tmp/saved" "$db"

run "$SMEMAIL" --root "$tmp" status
expect_status 2 "a folder without a mail system"
expect_err_like 'is not a root of a mail system' "is named"
done_testing
