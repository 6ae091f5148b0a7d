#!/bin/sh
# dns print, dns check and dkim check against a real authoritative server, NSD:
# what is printed is a zone file that it takes, and published by it all is well
# (F158, C53, C54).
. "${0%/*}/lib.sh"
PATH=$PATH:/usr/sbin
command -v nsd >/dev/null || skip_all 'nsd is not installed'
[ "$(id -u)" -eq 0 ] || skip_all 'port 53 is bound as root only'

at=127.0.0.7
new_root
run "$SMEMAIL" init
"$SMEMAIL" config set ExternalIP 192.0.2.10
run "$SMEMAIL" set dkim.signing enabled
run "$SMEMAIL" dkim keygen example.com --selector 2026a

chmod 755 "$tmp"
mkdir "$tmp/nsd"
cat >"$tmp/nsd/nsd.conf" <<CONF
server:
	ip-address: $at
	port: 53
	username: ""
	zonesdir: "$tmp/nsd"
	database: ""
	pidfile: "$tmp/nsd/pid"
	xfrdfile: "$tmp/nsd/xfrd"
	zonelistfile: "$tmp/nsd/list"
	cookie-secret-file: "$tmp/nsd/cookie"
	logfile: "$tmp/nsd/log"
	server-count: 1
remote-control:
	control-enable: no
zone:
	name: example.com
	zonefile: zone
CONF
zone() { # the records of a file, below what every zone has
	cat - "$1" >"$tmp/nsd/zone" <<ZONE
\$ORIGIN example.com.
\$TTL 60
@ SOA ns1 hostmaster $2 3600 600 86400 60
@ NS ns1
@ NS ns2
ns1 A $at
ns2 A $at
mail A 192.0.2.10
ZONE
}
serve() {
	nsd -d -c "$tmp/nsd/nsd.conf" >"$tmp/nsd/said" 2>&1 &
	nsd=$!
	at_end "kill $nsd 2>/dev/null"
	wait_until 30 answers
}
answers() { # 111 as long as it could not be asked
	"$SMEMAIL" dns check example.com >/dev/null 2>&1
	[ $? -ne 111 ]
}
end() {
	kill "$nsd"
	wait "$nsd" 2>/dev/null
}
SMEMAIL_DNS=$at
export SMEMAIL_DNS

: >"$tmp/none"
zone "$tmp/none" 1
serve || skip_all "nsd does not start: $(tail -n 1 "$tmp/nsd/log")"
run "$SMEMAIL" dns check example.com
expect_status 1 'an empty zone fails'
expect_out_like '^FAIL +dkim ' 'without the key'
run "$SMEMAIL" dkim check example.com
expect_status 1 'dkim check too'
expect_out_like '^FAIL +ns1.example.com ' 'by the server that was asked'

# what is printed is what the server is given
run "$SMEMAIL" dns print example.com
expect_status 0 'the records are printed'
cp "$out" "$tmp/records"
check 'NSD finds no fault in them' sh -c 'nsd-checkzone example.com "$1" >/dev/null' - \
	"$(zone "$tmp/records" 2 && echo "$tmp/nsd/zone")"
end
serve
run "$SMEMAIL" dns check example.com
expect_status 0 'published, all of it is well'
expect_out_like '^ok +dkim ' 'the key'
expect_out_like '^ok +spf ' 'SPF'
expect_out_like '^ok +dmarc ' 'DMARC'
run "$SMEMAIL" dkim check example.com
expect_status 0 'C53: the key is published'
expect_out_like "^ok +ns1.example.com $at .*equals the key file" \
	'C54: NSD has that of the key file'
expect_out_like '^ok +probe +signed as .* verified: pass' 'and it verifies'

# a message signed here and verified by what NSD publishes
printf 'From: a@example.com\nTo: b@example.net\nSubject: x\n\nbody\n' \
	>"$tmp/message"
"$SMEMAIL" dkim sign "$tmp/message" >"$tmp/signed"
run "$SMEMAIL" dkim verify "$tmp/signed"
expect_status 0 'a message verifies'
expect_out_like '^alignment=pass: ' 'and is aligned by the DMARC record'
run "$SMEMAIL" spf check --ip 192.0.2.10 --sender a@example.com --helo mail
expect_status 0 'SPF lets our address pass'
run "$SMEMAIL" spf check --ip 198.51.100.1 --sender a@example.com --helo mail
expect_status 1 'and no other'

# NSD refuses what is not its own: no answer, never a "no"
run "$SMEMAIL" spf check --ip 192.0.2.10 --sender a@example.org --helo mail
expect_status 111 'a refusal could not be tested'
expect_out_like 'REFUSED|refuse' 'and says so'
end
run "$SMEMAIL" dkim check example.com
expect_status 111 'nor could an ended server'
done_testing
