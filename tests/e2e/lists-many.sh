#!/bin/sh
# A list of ten thousand entries: one change, written once, seen entry by
# entry, taken back as a whole; what reads it works at that size.
. "${0%/*}/lib.sh"

export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
"$SMEMAIL" --root "$SMEMAIL_ROOT" init >/dev/null 2>&1 ||
	skip_all 'init does not work'
wbl=$SMEMAIL_ROOT/home/e-smith/db/wbl
made=$SMEMAIL_ROOT/var/service/qpsmtpd/config/badmailfrom
many=10000

entries() { # COUNT, in no order
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "user%05d@host%d.test\n", i * 7919 % n, i % 97
	}'
}
entries $many >"$tmp/list"
LC_ALL=C sort "$tmp/list" >"$tmp/sorted"
quietly() {
	"$SMEMAIL" "$@" >/dev/null 2>&1
}
record() { # of the database
	sed -n 's/^badmailfrom=//p' "$wbl"
}
cp "$made" "$tmp/made"
quietly lists add badmailfrom aaa@first.test zzz@last.test
quietly lists add badhelo other.test
record_before=$(record)

run "$SMEMAIL" lists import badmailfrom "$tmp/list"
expect_status 0 'ten thousand new entries'
expect_out "badmailfrom: $many entries changed, stored, not applied" 'are one change'
awk -v type="${record_before%%|*}" 'BEGIN { printf "%s|aaa@first.test|Black", type }
	{ printf "|%s|Black", $0 }
	END { print "|zzz@last.test|Black" }' "$tmp/sorted" >"$tmp/wanted"
record >"$tmp/got"
check 'ES-14 the record is that of one store each' cmp "$tmp/wanted" "$tmp/got"
is "$("$SMEMAIL" db wbl getprop badhelo other.test)" Black 'other records stay'
is "$(grep -c "^stored" "$SMEMAIL_ROOT/var/lib/smemail/journal")" $((many + 3)) \
	'the journal has each entry'

run "$SMEMAIL" lists import badmailfrom "$tmp/list"
expect_status 0 'the same again'
expect_out "badmailfrom: $many there already" 'changes nothing'
run "$SMEMAIL" lists export badmailfrom
check 'export gives what was imported' sh -c \
	"grep -v 'first.test\|last.test' '$out' | cmp - '$tmp/sorted'"
run "$SMEMAIL" list filter
expect_status 0 'list counts them'
run "$SMEMAIL" blame lists.badmailfrom --for user00042@host71.test
expect_status 1 'blame of an entry that is not there'
entry=$(sed -n 4242p "$tmp/sorted")
run "$SMEMAIL" blame lists.badmailfrom --for "$entry"
expect_status 0 'blame of one entry'
is "$(wc -l <"$out")" 2 'has its one change'

run "$SMEMAIL" lists check
expect_status 0 'nothing is wrong in them'
quietly lists add badmailfrom @host5.test
quietly lists add whitelistsenders "$entry"
run "$SMEMAIL" lists check
expect_status 1 'check finds what is'
is "$(grep -c '^covered .*@host5.test. says the same of more' "$out")" \
	"$(grep -c '@host5.test' "$tmp/sorted")" 'what a wider one covers'
expect_out_like "^conflict +badmailfrom +$entry: whitelistsenders accepts it" \
	'what another list accepts'
quietly lists remove badmailfrom @host5.test
quietly lists remove whitelistsenders "$entry"

run "$SMEMAIL" plan
expect_status 0 'plan'
expect_out_like "^! lists.badmailfrom --for $entry +- -> Black" 'shows each'
run "$SMEMAIL" apply
expect_status 0 'apply'
check 'the file has each' sh -c "grep -F -x -c -f '$tmp/sorted' '$made' |
	grep -q '^$many\$'"
run "$FILTERD" --check --config "${made%/*}"
expect_status 0 'the filter loads it'
expect_err_lacks 'badmailfrom' 'without complaint'
run "$SMEMAIL" history show 1
expect_status 0 'history show'
is "$(grep -c 'lists.badmailfrom .*user' "$out")" "$many" 'has each'

head -4000 "$tmp/list" >"$tmp/some"
xargs "$SMEMAIL" lists remove badmailfrom <"$tmp/some" >"$out" 2>"$err"
is "$("$SMEMAIL" lists export badmailfrom | wc -l)" $((many - 3998)) \
	'four thousand are removed'
run "$SMEMAIL" undo --stored
expect_status 0 'undo --stored'
record >"$tmp/got"
check 'puts them back' cmp "$tmp/wanted" "$tmp/got"
run "$SMEMAIL" undo 1
expect_status 0 'the whole is taken back'
is "$(record)" "${record_before%%|*}" 'the record is empty'
check 'and the file is as it was' cmp "$tmp/made" "$made"
done_testing
