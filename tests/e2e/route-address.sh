#!/bin/sh
# route ADDRESS: each way that mail may take, and the setting behind it.
. "${0%/*}/lib.sh"
command -v python3 >/dev/null || skip_all 'python3 is not installed'

new_root
run "$SMEMAIL" init
cat >"$tmp/zone.json" <<'JSON'
{"zone": {"names": {
 "far.example": {"MX": [[20, "mx2.far.example"], [10, "mx1.far.example"]]},
 "mx1.far.example": {"A": ["192.0.2.1"]},
 "mx2.far.example": {"AAAA": ["2001:db8::1"]},
 "half.example": {"MX": [[5, "gone.far.example"], [9, "mx1.far.example"]]},
 "lost.example": {"MX": [[5, "gone.far.example"]]},
 "empty.example": {"TXT": ["v=spf1 -all"]},
 "bare.example": {"A": ["192.0.2.9"]},
 "null.example": {"MX": [[0, "."]]},
 "broken.example": {"_rcode": "SERVFAIL"}
}}}
JSON
python3 "$TOP/tests/tools/testdns.py" --port 0 --zone "$tmp/zone.json" \
	--ready-file "$tmp/ready" >/dev/null 2>&1 &
dns=$!
at_end "kill $dns 2>/dev/null"
wait_until 30 test -e "$tmp/ready"
SMEMAIL_DNS=$(sed 's/READY \(.*\) \(.*\)/\1:\2/' "$tmp/ready")
export SMEMAIL_DNS

db() {
	"$SMEMAIL" db "$@"
}
db domains set own.example domain
db domains set inner.example domain MailServer 10.0.0.5
db accounts set anna user
db accounts set bert user EmailForward both ForwardAddress bert@far.example
db accounts set sales group Members anna,bert
db accounts set info pseudonym Account sales
db accounts set info@own.example pseudonym Account anna

ends() { # ADDRESS: "kind:to ..."
	"$SMEMAIL" --json route "$1" | python3 -c '
import json, sys
print(" ".join("%(kind)s:%(to)s" % e for e in json.load(sys.stdin)["ends"]))'
}
domain=home.example
"$SMEMAIL" config set DomainName $domain
is "$(ends anna@own.example)" user:anna 'a user'
is "$(ends ANNA@OWN.example)" user:anna 'letter case does not matter'
is "$(ends bert@own.example)" 'user:bert forward:bert@far.example' \
	'one who keeps it and has it sent on'
is "$(ends "info@$domain")" 'user:anna user:bert forward:bert@far.example' \
	'a pseudonym of a group'
is "$(ends info@own.example)" user:anna 'a pseudonym of one domain comes first'
is "$(ends anna-lists-x@own.example)" user:anna 'a name with an extension'
is "$(ends everyone@own.example)" group:everyone 'everyone'
db accounts setprop sales EmailExcludeUsers anna
is "$(ends sales@own.example)" 'user:bert forward:bert@far.example' \
	'a group but for one'
db accounts delprop sales EmailExcludeUsers
db domains set catch.example domain EmailTo anna
is "$(ends x@catch.example)" user:anna 'a domain for one account'
is "$(ends x@inner.example)" server:10.0.0.5 'a domain with its own server'
is "$(ends x@far.example)" 'mx:mx1.far.example mx:mx2.far.example' \
	'the servers of a foreign domain'
is "$(ends x@bare.example)" mx:bare.example 'a domain without MX'
is "$(ends x@half.example)" mx:mx1.far.example 'a server without an address'
run "$SMEMAIL" route x@half.example
expect_status 0 'the other takes it'
expect_out_like '^WARN +MX +5 gone.far.example: it has no address' 'and it is told'
for domain_lost in lost.example empty.example; do
	run "$SMEMAIL" route "x@$domain_lost"
	expect_status 1 "$domain_lost: nobody takes it"
	expect_out_like '^FAIL +address +.*has (no|an) address.*mail comes back' 'why'
done
run "$SMEMAIL" route anna@own.example
expect_status 0 'told to people'
expect_out_like '^info +user +anna, into the mailbox \(user.forward\)' \
	'with the setting that decides'
run "$SMEMAIL" route x@null.example
expect_status 1 'RFC 7505: a domain that takes no mail'
run "$SMEMAIL" route x@nowhere.example
expect_status 1 'a domain that does not exist'
run "$SMEMAIL" route x@broken.example
expect_status 111 'one that could not be asked for'
run "$SMEMAIL" route nobody@own.example
expect_status 1 'nobody of that name'
expect_out_like 'delivery.unknown-user' 'and the setting for such mail'
"$SMEMAIL" config set EmailUnknownUser admin
is "$(ends nobody@own.example)" user:admin 'mail for nobody goes to admin'
db accounts set a pseudonym Account b
db accounts set b pseudonym Account a
run "$SMEMAIL" route a@own.example
expect_status 1 'a circle of pseudonyms ends'
"$SMEMAIL" config set SMTPSmartHost relay.example:587
is "$(ends x@far.example)" smarthost:relay.example:587 'the smarthost'
run "$SMEMAIL" route 'no address'
expect_status 2 'no address'

# of a damaged database nobody can say who is missing
damaged() { # WHAT RE
	for words in 'route anna@own.example' 'pseudonym list' 'user list' \
		'group list'; do
		# shellcheck disable=SC2086
		run "$SMEMAIL" $words
		expect_status 100 "$1: $words"
		expect_err_like "'/home/e-smith/db/accounts' $2" "$words: why"
		expect_err_like '^next: restore it' "$words: what to do"
	done
}
accounts=$root/home/e-smith/db/accounts
cp "$accounts" "$tmp/accounts"
printf 'anna=user' >"$accounts"
damaged 'a database cut in a line' 'ends in the middle of a line'
printf 'a\000b=\001\377\n' >"$accounts"
damaged 'random bytes' 'holds bytes that are no text'
cp "$tmp/accounts" "$accounts"
run "$SMEMAIL" route anna@own.example
expect_status 0 'and restored it serves again'
done_testing
