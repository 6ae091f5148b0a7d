#!/bin/sh
# set, unset: what is stored, said and journaled.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
db() {
	"$SMEMAIL" db "$@"
}

run "$SMEMAIL" set spam.reject-level 10
expect_status 0 "one setting"
expect_out "spam.reject-level: 12 -> 10, stored, not applied" "old and new"
expect_err_like '^! may lose mail' "its risk"
expect_err_like '^next: smemail plan$' "and the next step"
is "$(db configuration getprop spamassassin RejectLevel)" 10 "it is stored"

run "$SMEMAIL" set spam.reject-level=10 spam.tag-level=5
expect_out "spam.reject-level: 10 already
spam.tag-level: 4 -> 5, stored, not applied" "several at once"
run "$SMEMAIL" set spam.tag-level 5
expect_out "spam.tag-level: 5 already" "stored already"
expect_err '' "needs no next step"

run "$SMEMAIL" get --verbose spam.reject-level
expect_out_like 'pending' "it waits for an apply"
run "$SMEMAIL" list --changed filtering
expect_out_like '^spam.reject-level +pending +10 +0$' "list shows it as pending"

run "$SMEMAIL" set spam.tag-level 12
expect_err_like '^! spam.tag-level 12 is not below spam.reject-level 10: nothing would reach junkmail$' \
    "levels that do not fit together are noticed"
run "$SMEMAIL" set spam.sensitivity medium
run "$SMEMAIL" set spam.reject-level 11
expect_err_like 'counts only with spam.sensitivity custom \(now: medium\)' \
    "so is a value that another setting keeps out of force"

run "$SMEMAIL" unset spam.reject-level
expect_out "spam.reject-level: 11 -> 0 (default), stored, not applied" "unset"
run "$SMEMAIL" unset spam.reject-level
expect_out "spam.reject-level: not stored already" "twice"
run "$SMEMAIL" get --stored spam.reject-level
expect_status 1 "nothing is stored"

run "$SMEMAIL" set delivery.smarthost smtp.isp.test:587
is "$(db configuration get SMTPSmartHost)" smtp.isp.test:587 \
    "a single value is the record"
run "$SMEMAIL" unset delivery.smarthost
check_not "and unset removes it" db configuration get SMTPSmartHost

run "$SMEMAIL" set spam.user-sort off --for anna
expect_out "spam.user-sort for anna: enabled (default) -> disabled, stored, not applied" \
    "for a user"
is "$(db accounts getprop anna SortSpam)" disabled "in the record of the user"
run "$SMEMAIL" set lists.badmailfrom Black --for @bad.example
is "$(db wbl getprop badmailfrom @bad.example)" Black \
    "an entry of a list, made with its record"
run "$SMEMAIL" get lists.badmailfrom --for @bad.example
expect_out Black "and read again"
run "$SMEMAIL" set relay.network-require-auth disabled --for 192.168.1.0 --accept open-relay
is "$(db networks getprop 192.168.1.0 RelayRequiresAuth)" disabled "a network"
run "$SMEMAIL" set domain.add domain --for new.example
is "$(db domains gettype new.example)" domain "a new domain"

# secrets
printf 'neu\n' | "$SMEMAIL" set delivery.smarthost-password --stdin >"$out" 2>"$err"
is "$(cat "$out")" "delivery.smarthost-password: changed, stored, not applied" \
    "a secret comes from standard input"
is "$(db configuration getprop smtp-auth-proxy Passwd)" neu "it is stored"
check "the journal knows only that it changed" \
    lacks "$root/var/lib/smemail/journal" neu geheim
printf 'yet\n' | "$SMEMAIL" --json set delivery.smarthost-password --stdin >"$out" 2>"$err"
expect_out_lacks 'neu|yet|geheim' "JSON neither"

run "$SMEMAIL" --json set spam.retention-days=30 relay.require-auth=disabled --accept open-relay
expect_status 0 "JSON"
json_is 'd["schema"] == "smemail.set/1" and d["journal"] > 5 and d["pending"] > 3' \
    "has journal and pending"
json_is 'd["rows"][0] == {"name": "spam.retention-days", "old": "90", "new": "30", "changed": True, "risk": "may-lose-mail", "risk_count": None}' \
    "a row"
json_is 'd["rows"][1]["risk"] == "open-relay" and d["rows"][1]["risk_count"] == 254' \
    "the addresses concerned"

# what other tools wrote in between is kept (ES-24)
db configuration setprop spamassassin Foreign kept
run "$SMEMAIL" set spam.max-size 2M
is "$(db configuration getprop spamassassin Foreign)" kept \
    "properties of others stay"
is "$(db configuration getprop spamassassin MaxMessageSize)" 2000000 \
    "a size is stored in bytes"
# at the same time: no change is lost, entries are numbered without gaps
stored() {
	grep ^stored "$root/var/lib/smemail/journal"
}
lines=$(stored | wc -l)
for n in 1 2 3 4 5 6 7 8; do
	"$SMEMAIL" set spam.retention-days=4$n virus.max-files=$n >/dev/null 2>&1 &
	"$SMEMAIL" set spam.user-sort on --for bruno >/dev/null 2>&1 &
	"$SMEMAIL" set lists.badhelo Black --for "host$n.example" >/dev/null 2>&1 &
done
wait
is "$("$SMEMAIL" db wbl printprop badhelo | wc -l)" 8 "eight entries at once"
is "$(($(stored | wc -l) - lines))" 25 "all journaled"
is "$(stored | cut -f2 | sort -n | uniq | wc -l)" \
    "$(stored | tail -n 1 | cut -f2)" "numbered in a row"
is "$("$SMEMAIL" db configuration getprop spamassassin Foreign)" kept \
    "and the rest is there"
is "$(stored | cut -f4 | sort -u)" "$(id -un)" \
    "the journal names who"
done_testing
