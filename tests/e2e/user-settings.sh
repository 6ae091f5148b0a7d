#!/bin/sh
# user, group, pseudonym, domain, network: their settings.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root

run "$SMEMAIL" user list
expect_out "NAME   TITLE        DELIVERY  JUNKMAIL  EVERYONE  VISIBLE
admin               -         enabled   yes       -
anna   Anna Berger  -         enabled   yes       -
bruno               -         disabled  yes       -" "users"
run "$SMEMAIL" group list
expect_out_like '^sales +- +anna,bruno$' "groups"
run "$SMEMAIL" pseudonym list
expect_out_like '^info +anna' "pseudonyms"
run "$SMEMAIL" domain list
expect_out_like '^example.com' "domains"
run "$SMEMAIL" network list
expect_out_like '^192.168.1.0 +255.255.255.0 +enabled$' "networks"

run "$SMEMAIL" user set anna spam.user-sort disabled
expect_status 0 "a setting of a user"
expect_out "spam.user-sort for anna: enabled (default) -> disabled, stored, not applied" \
    "is stored"
run "$SMEMAIL" user get anna user-sort
expect_out disabled "and read by the end of its id"
run "$SMEMAIL" user set anna forward=both forward-address=anna@isp.test
expect_status 0 "two at once, without the kind in front"
run "$SMEMAIL" user show anna
expect_out_like '^user.forward +pending +both +-$' "show lists them"
expect_out_like '^user.forward-address +pending +anna@isp.test' "with their state"
run "$SMEMAIL" user unset anna forward forward-address
expect_out_like '^user.forward for anna: both -> -, stored, not applied$' "unset"
is "$("$SMEMAIL" db accounts print anna)" \
    'anna=user|FirstName|Anna|LastName|Berger|SortSpam|disabled' \
    "the record is as wanted"

run "$SMEMAIL" network set 192.168.1.0 require-auth no
expect_status 2 "a dangerous value needs --accept"
expect_err_like 'makes an open relay for 254 addresses' "and tells why"
run "$SMEMAIL" network set 192.168.1.0 require-auth no --accept open-relay
expect_status 0 "with it, it is stored"
run "$SMEMAIL" domain set example.com domain-server 10.0.0.5
is "$("$SMEMAIL" db domains getprop example.com MailServer)" 10.0.0.5 "a domain"
run "$SMEMAIL" group set sales exclude-users 'anna bruno'
is "$("$SMEMAIL" db accounts getprop sales EmailExcludeUsers)" anna,bruno "a group"
run "$SMEMAIL" pseudonym set info visible internal
is "$("$SMEMAIL" db accounts getprop info Visible)" internal "a pseudonym"

run "$SMEMAIL" user show ana
expect_status 2 "an unknown user"
expect_err "smemail: no user 'ana'; there is 'anna'
next: smemail user show anna" "gets the nearest"
run "$SMEMAIL" user show sales
expect_status 2 "a group is no user"
run "$SMEMAIL" user set anna members x
expect_status 2 "a setting that users do not have"
expect_err_like "unknown setting of a user: 'members'; there is spam.user-sort" \
    "says which they have"
run "$SMEMAIL" pseudonym unset info account
expect_status 2 "a pseudonym needs its account"

run "$SMEMAIL" --json user list
json_is 'd["schema"] == "smemail.people/1" and d["rows"][0]["kind"] == "user" and d["rows"][1]["title"] == "Anna Berger"' \
    "a list as JSON"
run "$SMEMAIL" --json user show anna
json_is 'd["rows"][0]["target"] == "anna" and d["rows"][0]["value"] == "disabled"' \
    "a record as JSON"
printf 'a b=user\nx\033[31m=user|FirstName|\377\n' \
    >>"$root/home/e-smith/db/accounts"
run "$SMEMAIL" user list
expect_status 0 "a record no setting can have hides no other"
expect_out_like '^anna +Anna Berger' "the others are listed"
expect_out_like '^x\\x1b\[31m +\\xff' "foreign bytes are escaped"
expect_err_like "^! .*'a b' holds a blank" "and what is wrong is told"
: >"$root/home/e-smith/db/accounts"
run "$SMEMAIL" group list
expect_status 1 "no record of the kind is a no"
done_testing
