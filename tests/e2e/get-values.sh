#!/bin/sh
# get: values in force, stored bytes, unknown names (screens of section 6).
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root

run "$SMEMAIL" get spam.reject-level
expect_status 0 "a stored value"
expect_out 12 "is printed alone"
expect_err '' "with nothing on stderr"

run "$SMEMAIL" get spam.retention-days spam.reject-level smtp.greeting
expect_out "90
12
mail.example.com" "several, one a line, defaults made up for this server"

run "$SMEMAIL" get delivery.smarthost
expect_status 0 "no value and no default"
is "$(cat "$out")" '' "is an empty line"

run "$SMEMAIL" get --verbose spam.reject-level spam.retention-days
expect_out "spam.reject-level    12  set      configuration spamassassin RejectLevel
spam.retention-days  90  default  configuration spamassassin MessageRetentionTime" \
    "--verbose adds state and place"

run "$SMEMAIL" get --stored spam.retention-days
expect_status 1 "--stored of an unset name is a no"
expect_err "smemail: 'spam.retention-days' is not stored; in force is the default, 90" \
    "and says what is in force"
run "$SMEMAIL" get --stored virus.max-files
expect_out abc "--stored prints the bytes of the database"

run "$SMEMAIL" get virus.max-files
expect_status 0 "a value edited by hand to something else"
expect_out 1500 "counts as not stored"
expect_err "! virus.max-files: 'abc' is not a whole number of 0 or more; the default counts" \
    "and the problem is shown"

run "$SMEMAIL" get spam.rejectlevel
expect_status 2 "an unknown name is wrong usage"
expect_err "smemail: unknown setting 'spam.rejectlevel'
next: smemail get spam.reject-level" "the nearest is offered"

run "$SMEMAIL" get filter.resolvable-from
expect_status 2 "a setting of another release"
expect_err "smemail: 'filter.resolvable-from' is not on this release (SME 10): until SME 7" \
    "says which"

run "$SMEMAIL" get delivery.smarthost-password
expect_out '(stored, not shown)' "a secret is not printed"
run "$SMEMAIL" get --stored delivery.smarthost-password
expect_out '(stored, not shown)' "nor with --stored"
run "$SMEMAIL" get --verbose delivery.smarthost-password
expect_out_lacks geheim "nor with --verbose"
run "$SMEMAIL" get --json delivery.smarthost-password
expect_out_lacks geheim "nor in JSON"
json_is 'd["rows"][0]["secret"] is True and d["rows"][0]["value"] is None' \
    "JSON says that it is one"

run "$SMEMAIL" get spam.user-sort --for bruno
expect_out disabled "a setting of a user"
run "$SMEMAIL" get spam.user-sort --for ana
expect_status 2 "an unknown user"
expect_err "smemail: no user 'ana'; there is 'anna'
next: smemail user show anna" "gets the nearest"
run "$SMEMAIL" get spam.user-sort
expect_err_like "'spam.user-sort' is set for each user" "a target is asked for"

run "$SMEMAIL" get --json spam.reject-level spam.retention-days delivery.smarthost
expect_status 0 "JSON"
json_is 'd["schema"] == "smemail.get/1" and "time" in d and "host" in d' \
    "has schema, time, host"
json_is 'set("name value stored default source type unit db key property secret".split()) <= set(d["rows"][0])' \
    "rows have all keys"
json_is '[r["value"] for r in d["rows"]] == ["12", "90", None]' "values"
json_is '[r["source"] for r in d["rows"]] == ["set", "default", "default"]' \
    "sources"

run "$SMEMAIL" get dns.spf-record --for example.com
expect_status 1 "what lives in the DNS is not read"
expect_err_like "next: smemail describe dns.spf-record" "and says where to look"

# half a record, and bytes of no character set
printf 'spamassassin=service|status|enabled|RejectLevel\nhorde=service|Name|\377\033[31m\n' \
    >"$root/home/e-smith/db/configuration"
run "$SMEMAIL" get spam.reject-level
expect_out 0 "a record that ends after the name reads as the default"
expect_err_like 'the record ends after the name' "and says so"
run "$SMEMAIL" get webmail.title
escape=$(printf '\033')
expect_out_lacks "$escape" "output holds no control character"
expect_err_lacks "$escape" "nor do messages"

run "$SMEMAIL" --root "$tmp" get spam.filter
expect_status 2 "a folder without an e-smith tree is refused"
expect_err_like '^next: ' "with a next step"
done_testing
