#!/bin/sh
# The nine lists (F035-F041, F045-F050): forms, conversion, import, export,
# what is found wrong in them.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
db() {
	"$SMEMAIL" db "$@"
}

run "$SMEMAIL" lists show
expect_status 0 "F039 the nine lists"
is "$(wc -l <"$out")" 10 "F039 a line each, and a heading"
expect_out_like '^badmailfrom +refuse +mail +0 ' "F041 with the phase in which each acts"
expect_out_like '^whitelisthosts +accept +connect ' "F041 and what it does"

# F035, F036: SpamAssassin
run "$SMEMAIL" lists add whitelist_from '*@vonage.test' '*domain2.test' user@domain3.test
expect_out "whitelist_from: + *@vonage.test, stored, not applied
whitelist_from: + *domain2.test, stored, not applied
whitelist_from: + user@domain3.test, stored, not applied" "F035 three forms"
is "$(db spamassassin getprop wbl.global '*@vonage.test')" White "F035 in the record"
run "$SMEMAIL" lists add blacklist_from spammer@spamdomain.test
is "$(db spamassassin getprop wbl.global spammer@spamdomain.test)" Black "F036"
run "$SMEMAIL" lists add blacklist_from '*@*.xyz'
expect_status 0 "F037 a top-level domain"
expect_err_like 'a whole top-level domain is meant: good mail may be lost' "F037 with a warning"
run "$SMEMAIL" lists add blacklist_from '*@*'
expect_status 2 "what means everybody is not stored just so"
expect_err "smemail: '*@*': every sender is meant: all mail would be lost
next: repeat with --yes when that is meant" "it says why"
run "$SMEMAIL" lists add whitelist_from '*@example.com' --accept may-lose-mail
expect_err_like 'a domain of this server: spam with a forged sender' "C62 the own domain"
run "$SMEMAIL" lists show blacklist_from
expect_out '*@*.xyz
spammer@spamdomain.test' "F038 the entries"
run "$SMEMAIL" lists remove blacklist_from '@*.xyz' 
expect_out 'blacklist_from: - *@*.xyz, stored, not applied' "F038 removed, in any form"
run "$SMEMAIL" lists remove blacklist_from nobody@here.test
expect_status 1 "what is not there"
run "$SMEMAIL" lists add whitelist_from spammer@spamdomain.test
expect_err_like 'spammer@spamdomain.test: was Black until now' "one record, the last word counts"

# F040: forms and conversion, each sender list with each form
convert() { # LIST ENTRY STORED
	run "$SMEMAIL" --json lists add "$1" "$2" --dry-run
	json_is "d['added'] == ['$3'] and d['dry_run']" "F040 $1: $2 is $3"
}
for form in '*@host.test' '@host.test' host.test Host.TEST; do
	convert badmailfrom "$form" '@host.test'
	convert blacklist_from "$form" '*@host.test'
	convert whitelist_from "$form" '*@host.test'
	convert whitelistsenders "$form" host.test
done
convert whitelist_from '*host.test' '*host.test'
convert badmailfrom User@Host.test user@host.test
convert badhelo Friend.Example friend.example
convert whitelisthosts 192.0.2.7 192.0.2.7
convert whitelisthosts 192.0.2. 192.0.2.
convert whitelisthosts 2001:DB8::7 2001:db8::7
refused() { # LIST ENTRY
	run "$SMEMAIL" lists add "$1" "$2"
	[ "$status" -eq 2 ] && grep -q '^next: ' "$err" && [ ! -s "$out" ]
	verdict $? "F040 refused: $1 '$2'"
}
refused badmailfrom '*host.test'
refused badmailfrom 'a b@host.test'
refused badmailfrom 'a@b@c.test'
refused badmailfrom 'a|b@host.test'
refused badmailfrom ''
refused whitelistsenders '*host.test'
refused whitelisthosts host.test
refused whitelisthosts 300.1.1.1
refused badhelo '*.host.test'
refused badhelo '@host.test'
refused whitelist_from '*'
refused whitelist_from "$(printf 'a\033@host.test')"
refused nosuch x
run "$SMEMAIL" lists show badmailform
expect_err_like '^next: smemail lists show badmailfrom$' "the nearest name is offered"

# F045-F050: zones
run "$SMEMAIL" lists add dnsbl bl.spamcop.net
is "$(db configuration getprop qpsmtpd RBLList)" zen.spamhaus.org,bl.spamcop.net "F047 a zone is added"
run "$SMEMAIL" lists add dnsbl bl.spamcop.net
expect_out 'dnsbl: 1 there already' "once"
run "$SMEMAIL" lists remove dnsbl zen.spamhaus.org
is "$(db configuration getprop qpsmtpd RBLList)" bl.spamcop.net "F047 and removed"
for zone in combined.njabl.org list.dsbl.org multihop.dsbl.org dnsbl.ahbl.org \
    blackhole.securitysage.com bulk.rhs.mailpolice.com fraud.rhs.mailpolice.com \
    porn.rhs.mailpolice.com adult.rhs.mailpolice.com bogusmx.rfc-ignorant.org \
    ex.dnsbl.org x.ordb.org relays.ordb.net sbl-xbl.spamhaus.org; do
	run "$SMEMAIL" lists add rhsbl "$zone"
	grep -q 'is a dead list' "$err" && [ "$status" -eq 2 ]
	verdict $? "F050 T4 $zone is refused with the reason"
done
db configuration setprop qpsmtpd SBLList 'dbl.spamhaus.org,ex.dnsbl.org'
db configuration setprop qpsmtpd RBLList 'zen.spamhaus.org:list.dsbl.org'
run "$SMEMAIL" lists check
expect_status 1 "dead zones and separators are found"
expect_out_like "^obsolete +dnsbl +list.dsbl.org: 'list.dsbl.org' is a dead list" "C15"
expect_out_like "^separator +rhsbl +.*: zones are parted by ':' here" "C17"
run "$SMEMAIL" lists check --fix
expect_status 0 "F050 put right"
is "$(db configuration getprop qpsmtpd RBLList)" zen.spamhaus.org "C15 the dead one is gone"
is "$(db configuration getprop qpsmtpd SBLList)" dbl.spamhaus.org "C17 the separator is migrated"
run "$SMEMAIL" lists show dnsbl
expect_out zen.spamhaus.org "F046 the zones"
"$SMEMAIL" set rbl.dns disabled >/dev/null 2>&1
run "$SMEMAIL" lists show dnsbl
expect_err_like 'not in force: rbl.dns is disabled' "F045 a list that is switched off says so"

# import and export
printf '# from the old server\n\n*@a.test\nuser@b.test # why\n@A.test\n' >"$tmp/in"
run "$SMEMAIL" lists import badmailfrom "$tmp/in"
expect_status 0 "import"
run "$SMEMAIL" lists export badmailfrom
expect_out '@a.test
user@b.test' "converted, each once"
cp "$out" "$tmp/exported"
run "$SMEMAIL" lists import blacklist_from "$tmp/exported"
run "$SMEMAIL" lists export blacklist_from
expect_out '*@a.test
user@b.test' "into a list with another form"
printf 'ok.test\nno good@x\n' >"$tmp/in"
cp -r "$root/home/e-smith/db" "$tmp/here"
run "$SMEMAIL" lists import badmailfrom "$tmp/in"
expect_status 2 "a bad line"
expect_err_like "^smemail: line 2: 'no good@x' is no entry of badmailfrom" "is named"
rm -f "$root"/home/e-smith/db/*.lock "$tmp"/here/*.lock
check "and nothing is stored" diff -r "$tmp/here" "$root/home/e-smith/db"
run "$SMEMAIL" lists import badmailfrom "$tmp/in" --skip --replace
run "$SMEMAIL" lists export badmailfrom
expect_out '@ok.test' "--skip leaves it out, --replace removes the rest"
run "$SMEMAIL" lists import badmailfrom "$tmp/none"
expect_status 100 "no such file"
: >"$tmp/in"
run "$SMEMAIL" lists import badmailfrom "$tmp/in" --replace
expect_err "smemail: '$tmp/in' holds no entry of badmailfrom" "an empty file empties no list"
head -c 3000 /dev/zero >"$tmp/in"
run "$SMEMAIL" lists import badmailfrom "$tmp/in"
expect_status 2 "bytes that are no text"
awk 'BEGIN { for (i = 0; i < 2000; i++) print "user" i "@many.test" }' >"$tmp/in"
run "$SMEMAIL" lists import badmailfrom "$tmp/in" --replace
expect_status 0 "two thousand at once"
is "$("$SMEMAIL" lists export badmailfrom | wc -l)" 2000 "are stored"

# duplicates and conflicts
db wbl delete badmailfrom
db wbl set badmailfrom wbl @Twice.test Black @twice.test Black '*@form.test' Black @wide.test Black a@wide.test Black @both.test Black
"$SMEMAIL" lists add whitelistsenders both.test >/dev/null 2>&1
run "$SMEMAIL" lists check badmailfrom
expect_status 1 "findings"
expect_out_like "^duplicate +badmailfrom +@twice.test: is there as '@Twice.test' too" "twice, in another case"
expect_out_like "^syntax +badmailfrom +\*@form.test: is written '@form.test' in this list" "in another form"
expect_out_like "^covered +badmailfrom +a@wide.test: '@wide.test' says the same of more" "covered"
expect_out_like "^conflict +badmailfrom +@both.test: whitelistsenders accepts it \(as 'both.test'\)" "refused here, accepted there"
run "$SMEMAIL" --json lists check badmailfrom
json_is "{r['kind'] for r in d['rows']} >= {'duplicate', 'syntax', 'covered', 'conflict'}" "JSON"
run "$SMEMAIL" lists check badmailfrom --fix
expect_status 0 "--fix"
run "$SMEMAIL" lists export badmailfrom
expect_out '@Twice.test
@both.test
@form.test
@wide.test' "puts right what has one right answer"
run "$SMEMAIL" lists check badmailfrom
expect_out_like '^conflict' "and leaves a conflict to the administrator"

# French
run env LC_ALL=fr_FR.UTF-8 LANGUAGE=fr "$SMEMAIL" --lang fr lists show badmailfrom
expect_status 0 "French"
run "$SMEMAIL" __complete -- lists add white
expect_out_like '^whitelist_from' "names of lists are completed"
done_testing
