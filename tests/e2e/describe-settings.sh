#!/bin/sh
# describe: everything known of a setting, every setting of every release.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
one_day
settings_root

run "$SMEMAIL" describe spam.sensitivity
expect_status 0 "a setting with words"
expect_out_like '^spam.sensitivity \(Filtering/Spam\)$' "name and area"
expect_out_like '^Preset of the tag level; only custom uses the tag and reject levels.$' \
    "summary"
expect_out_like '^Now       custom, set$' "its value now"
expect_out_like '^Default   medium$' "default"
expect_out_like '^ +veryhigh  tags from 2, refuses nothing$' "meaning of the words"
expect_out_like '^Risk      none$' "risk"
expect_out_like '^Stored    configuration spamassassin Sensitivity$' "place"
expect_out_like '^Files     /var/service/qpsmtpd/config/peers/0, /etc/mail/spamassassin/local.cf$' \
    "files"
expect_out_like '^Event     email-update$' "event"
expect_out_like '^See also  spam.tag-level, spam.reject-level' "related ones"

"$SMEMAIL" set spam.reject-level 10 >/dev/null 2>&1
run "$SMEMAIL" describe spam.reject-level
expect_out_like "^Now       10, stored today [0-9:]+ by $(id -un), not applied \\(was 12\\)\$" \
    "a pending change with who and when"
expect_out_like '^Values    whole number, 0 to 20; 0 = never refuse$' "range"
expect_out_like '^Needs     spam.sensitivity custom \(now: custom\)$' "condition"
expect_out_like '^Commands  smemail set spam.reject-level VALUE$' "commands"

run "$SMEMAIL" --json describe spam.reject-level
json_is 'd["schema"] == "smemail.describe/1" and d["name"] == "spam.reject-level"' "JSON"
json_is 'd["last_change"]["old"] == "12" and d["files"] == ["/var/service/qpsmtpd/config/peers/0"]' \
    "with last change and files"
json_is 'd["events"] == ["email-update"] and len(d["services"]) == 2 and d["values"][0]["word"] == "0"' \
    "events, services, values"

run "$SMEMAIL" describe delivery.smarthost-password
expect_out_lacks geheim "a secret is not shown"
expect_out_like 'smemail set delivery.smarthost-password --stdin' "but how to set it"
run "$SMEMAIL" describe virus.max-files
expect_out_like "^Problem   'abc' is not a whole number" "a problem is shown"
run "$SMEMAIL" describe spam.user-sort --for bruno
expect_out_like '^Now       disabled, set$' "for a user"
run "$SMEMAIL" describe spam.user-sort
expect_out_like '^Now       one value per user: add --for$' "or without one"
run "$SMEMAIL" describe filter.resolvable-from
expect_out_like '^Release   until 7$' "settings of other releases are explained"
run "$SMEMAIL" describe spam.rejectlevel
expect_status 2 "an unknown name"
expect_err_like '^next: smemail describe spam.reject-level$' "gets the nearest"
run "$SMEMAIL" --lang fr describe spam.filter
expect_out_like '^Filtrer les pourriels du courrier entrant.$' "in French"

# every setting there is, in both forms
failed=
cut -f1 "$TOP/tests/data/settings/catalogue.tsv" | tail -n +2 >"$tmp/names"
while read -r name; do
	"$SMEMAIL" describe "$name" >"$out" 2>"$err" </dev/null &&
	    "$SMEMAIL" --json describe "$name" 2>&1 </dev/null >"$tmp/json" ||
	    failed="$failed $name"
	cat "$tmp/json" >>"$tmp/all"
done <"$tmp/names"
is "$failed" '' "all 282 can be described"
check "and all of that is JSON" python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert len(rows) == 282
assert all(r["summary"] and r["area"] and r["accepts"] for r in rows)' "$tmp/all"
done_testing
