#!/bin/sh
# list: settings by area, changed ones, areas, JSON.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
"$SMEMAIL" set rbl.dns-zones zen.spamhaus.org,bl.example.net >/dev/null 2>&1

run "$SMEMAIL" list RBL --changed
expect_status 0 "changed settings of an area"
expect_out "SETTING           STATE    VALUE                            DEFAULT
rbl.dns           set      enabled                          disabled
rbl.dns-zones     pending  zen.spamhaus.org,bl.example.net  -
rbl.sender        set      enabled                          disabled
rbl.sender-zones  set      dbl.spamhaus.org                 -" "as a table"
expect_err "4 of 8 settings of RBL" "with their count"

run "$SMEMAIL" list
is "$(($(wc -l <"$out") - 1))" 251 "all of release 10"
expect_err_like '^251 of 282 settings$' "counted"
expect_out_lacks geheim "no secret in it"
expect_out_like '^delivery.smarthost-password +set +\(stored, not shown\)' \
    "a secret is only said to be there"
expect_out_like '^spam.user-sort +set +set for 1' "settings of users are counted"
run "$SMEMAIL" --root "$root" list webmail
expect_out_lacks '^rbl' "one area, by its beginning"
run "$SMEMAIL" list relay lists
expect_out_like '^relay.require-auth' "several areas"
expect_out_like '^lists.sender' "together"

# the server writes defaults into its records: they are not changes

"$SMEMAIL" db configuration setprop qpsmtpd URIBL disabled
run "$SMEMAIL" list --changed RBL
expect_out_lacks '^rbl.uri' "a stored default is no change"
mkdir -p "$root/var/service/qpsmtpd/config"
printf '# made\n# by hand\naol.com\nyahoo.com\n' \
    >"$root/var/service/qpsmtpd/config/badhelo"
run "$SMEMAIL" list lists
expect_out_like '^lists.badhelo-file +default +aol.com … \(4 lines\) +-$' \
    "a generated file is shown by its first line"
run "$SMEMAIL" get lists.badhelo-file
is "$(wc -l <"$out")" 4 "and printed whole"

run "$SMEMAIL" list nonsense
expect_status 2 "an unknown area"
expect_err "smemail: unknown area 'nonsense', and no setting tells of it
next: smemail list --areas" "is named"
run "$SMEMAIL" list geoip
expect_out_like '^filter.geoip-bad-countries ' "a word in a name is found"
run "$SMEMAIL" list uribl
expect_out_like '^rbl.uri-zones ' "and one in a file or fragment"
run "$SMEMAIL" describe spam.pyzor-timeout
expect_out_like '^Default +pyzor internal default$' "no unit behind words"
run "$SMEMAIL" set --yes filter.geoip-bad-countries cn,,RU,
expect_out_like ': - -> CN,RU, ' "codes in capitals, without gaps"
run "$SMEMAIL" set filter.geoip-bad-countries CN,XX1
expect_status 2 "a country has a code of two letters"
expect_err_like "'XX1' is not the code of a country" "that is named"
run "$SMEMAIL" list Webmail --changed
expect_status 1 "nothing changed is a no"
expect_err "smemail: no setting is changed in Webmail" "that says so"

run "$SMEMAIL" list --areas
expect_out_like '^AREA +SHOWN +SET +PENDING +COVERS$' "areas"
expect_out_like '^RBL +8 +4 +1 +DNS blacklists$' "with their figures"
expect_err "251 of 282 settings shown: the others belong to other releases" \
    "and the sum"
is "$(($(wc -l <"$out") - 1))" 16 "sixteen areas"

run "$SMEMAIL" --json list
json_is 'd["schema"] == "smemail.list/1" and len(d["rows"]) == 251' "JSON"
json_is 'set("name value stored default source type unit db key property secret area state risk since until visible summary".split()) <= set(d["rows"][0])' \
    "rows have all keys"
json_is 'len({r["name"] for r in d["rows"]}) == 251' "names are unique"
json_is '[r for r in d["rows"] if r["name"] == "archive.bcc-user"][0]["visible"] is False' \
    "what another setting hides is marked"
expect_out_lacks geheim "no secret in JSON"
run "$SMEMAIL" --json list --areas
json_is 'd["schema"] == "smemail.areas/1" and len(d["rows"]) == 16' "areas as JSON"

run "$SMEMAIL" --jsonl list --changed RBL
check "--jsonl is one object a line, each with its schema" python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert len(rows) == 4
assert all(r["schema"] == "smemail.list/1" and r["name"] for r in rows)' "$out"

run "$SMEMAIL" --lang fr --json list RBL
json_is '"listes" in d["rows"][0]["summary"]' "summaries in French"
json_is 'd["rows"][0]["state"] == "set"' "states in English everywhere"
done_testing
