#!/bin/sh
# dkim check and dkim rotate: the published key against the key file, on every
# authoritative server (C52 ... C57, F157, F159, S058), with name servers of our
# own on loopback.
. "${0%/*}/lib.sh"
command -v python3 >/dev/null || skip_all 'python3 is not installed'
one_day

new_root
# the user of the daemon, where there is one, reads the key by its path
chmod 0711 "$tmp"
run "$SMEMAIL" init
run "$SMEMAIL" set dkim.signing enabled
run "$SMEMAIL" dkim keygen example.com --selector 2026a
value=$("$SMEMAIL" dkim show example.com --form registrar | sed -n 's/^value  //p')

# write_zone FILE TXT-VALUE...: what the servers of example.com know
write_zone() {
	cat >"$1" <<JSON
{"zone": {"names": {
 "example.com": {"NS": ["ns1.example.com", "ns2.example.com"],
                 "SOA": [["ns1.example.com", "x.example.com", 1, 2, 3, 4, 5]]},
 "ns1.example.com": {"A": ["127.0.0.2"]},
 "ns2.example.com": {"A": ["127.0.0.3"]},
 "2026a._domainkey.example.com": {"TXT": [$2]},
 "2026b._domainkey.example.com": {"TXT": [$3]},
 "e1._domainkey.example.com": {"TXT": [${4:-\"x\"}]},
 "e2._domainkey.example.com": {"TXT": [${5:-\"x\"}]}
}}}
JSON
}
strings() { # VALUE: as JSON strings of at most 255
	printf '['
	printf '%s' "$1" | fold -w 255 | sed 's/.*/"&"/' | paste -sd ,
	printf ']'
}
serve() { # ADDR PORT ZONE
	python3 "$TOP/tests/tools/testdns.py" --addr "$1" --port "$2" \
		--zone "$3" --ready-file "$tmp/ready.$1" >/dev/null 2>"$tmp/said" &
	pid=$!
	at_end "kill $pid 2>/dev/null"
	wait_until 30 test -e "$tmp/ready.$1" || return 1
}

write_zone "$tmp/main.json" "$(strings "$value")" '"x"'
cp "$tmp/main.json" "$tmp/ns1.json"
cp "$tmp/main.json" "$tmp/ns2.json"
serve 127.0.0.2 53 "$tmp/ns1.json" ||
	skip_all "port 53 of 127.0.0.2 cannot be had: $(cat "$tmp/said")"
ns1=$pid
serve 127.0.0.3 53 "$tmp/ns2.json"
ns2=$pid
serve 127.0.0.1 0 "$tmp/main.json"
main=$pid
SMEMAIL_DNS=$(sed 's/READY \(.*\) \(.*\)/\1:\2/' "$tmp/ready.127.0.0.1")
export SMEMAIL_DNS
again() { # after a zone changed
	kill -HUP "$ns1" "$ns2" "$main"
}

run "$SMEMAIL" dkim check example.com
expect_status 0 'all is well'
expect_out_like '^ok +setting +dkim.signing enabled' 'C52: the setting'
expect_out_like '^ok +key file .*RSA 2048' 'C55: the key'
expect_out_like '^ok +rights ' 'C57: the rights'
expect_out_like '^ok +ns1.example.com 127.0.0.2 ' 'C53: the first server'
expect_out_like '^ok +ns2.example.com 127.0.0.3 ' 'C53: the second server'
expect_out_like '^ok +record .*v=DKIM1, no t=y, 2 strings' 'C54: the record'
expect_out_like '^ok +probe +signed as .* verified: pass' \
	'a probe is signed and verified'

expect_out_like '^info +sent today +the filter has no log of today' \
	'4.16: nothing was sent, or is not known'
expect_out_like '^info +outside view +not asked' '4.16: nobody outside was asked'
expect_err_like 'dkim check example.com --send-probe ADDRESS' 'how to ask is told'

# what the filter signed today, by its log (FL-116)
log_line() { # SECONDS-AGO TEXT
	printf '@%016x%08x %s\n' $((0x400000000000000a + now - $1)) 0 "$2"
}
now=$(date +%s)
terse() { # PID SENDER RULE
	printf '%s (queue) logging::logterse: ` 192.168.1.9\tpc\tpc\t<%s>\t<c@d.test>\t%s\t\t<i@x>' \
		"$1" "$2" "$3"
}
mkdir -p "$root/var/log/qpsmtpd"
{
	log_line 172800 '6 (data_post_headers) dkim: skip, DKIM not configured for example.com'
	log_line 172800 "$(terse 6 old@example.com queued)"
	log_line 0 '7 (data_post_headers) dkim: pass, we signed the message'
	log_line 0 "$(terse 7 a@example.com queued)"
	log_line 0 '7 (data_post_headers) dkim: pass, we signed the message'
	log_line 0 "$(terse 7 a@Example.COM queued)"
	log_line 0 '8 (data_post_headers) dkim: skip, DKIM not configured for intranet.example.com'
	log_line 0 "$(terse 8 b@intranet.example.com queued)"
	log_line 0 '9 (data_post_headers) dkim: pass, signature of other.example'
	log_line 0 "$(terse 9 forged@example.com queued)"
	log_line 0 '10 (data_post_headers) dkim: skip, DKIM not configured for otherexample.com'
	log_line 0 "$(terse 10 c@otherexample.com queued)"
	log_line 0 '11 (data_post_headers) dkim: pass, we signed the message'
	log_line 0 "$(terse 11 d@example.com virus)"
} >"$root/var/log/qpsmtpd/current"
run "$SMEMAIL" dkim check example.com
expect_status 0 'mail that was not signed is no failure of the key'
expect_out_like '^WARN +sent today +2 of 3 messages signed; 1 not: from intranet.example.com$' \
	'4.16: today, this domain, accepted, to be signed'
rm "$root/var/log/qpsmtpd/current"

# a real message to somebody outside goes through our own port (F160)
port=$(free_port)
run "$SMEMAIL" set smtp.port "$port"
run "$SMEMAIL" dkim check example.com --send-probe check@verifier.test
expect_status 111 'no server of ours answers'
expect_out_like '^\?\?\?\? +outside view +the probe could not be sent: ' 'it is told'
cat >"$tmp/sink.py" <<'PY'
import socket, sys
port, out = int(sys.argv[1]), sys.argv[2]
server = socket.create_server(("127.0.0.1", port))
open(out + ".ready", "w").close()
while True:
    peer, _ = server.accept()
    f = peer.makefile("rwb", buffering=0)
    def say(text):
        f.write(text + b"\r\n")
    say(b"220 sink")
    with open(out, "ab") as to:
        data = False
        for line in f:
            to.write(line)
            to.flush()
            if data:
                data = line != b".\r\n"
                if not data:
                    say(b"250 Queued!")
            elif line.startswith(b"RCPT TO:<refused@"):
                say(b"550 not here")
            else:
                data = line.startswith(b"DATA")
                say(b"354 go on" if data else b"250 ok")
                if line.startswith(b"QUIT"):
                    break
    peer.close()
PY
python3 "$tmp/sink.py" "$port" "$tmp/mail" &
at_end "kill $! 2>/dev/null"
wait_until 30 test -e "$tmp/mail.ready"
run "$SMEMAIL" dkim check example.com --send-probe check@verifier.test
expect_status 0 'a probe is sent'
expect_out_like '^ok +outside view +a probe is on its way to check@verifier.test' \
	'and it is told'
check 'from postmaster of the domain' grep -q '^MAIL FROM:<postmaster@example.com>' "$tmp/mail"
check 'to the address' grep -q '^RCPT TO:<check@verifier.test>' "$tmp/mail"
check_not 'unsigned: the daemon is to sign it' grep -qi '^DKIM-Signature' "$tmp/mail"
run "$SMEMAIL" dkim check example.com --send-probe "r&d'x@verifier.test"
expect_err_like "^next: smemail log show 'to:r&d'.*''x@verifier.test'$" \
	'what is to be pasted is quoted'
run "$SMEMAIL" dkim check example.com --send-probe refused@verifier.test
expect_status 1 'one that is refused fails'
expect_out_like '^FAIL +outside view +the probe was refused: .*550' 'with the answer'
lines=$(wc -l <"$tmp/mail")
for to in nobody 'a@b>' '' '@x' 'a@b c'; do
	run "$SMEMAIL" dkim check example.com --send-probe "$to"
	expect_status 2 "'$to' is no mail address"
done
is "$(wc -l <"$tmp/mail")" "$lines" 'and nothing was sent'

# one server has not fetched the zone
write_zone "$tmp/ns2.json" '"v=DKIM1; k=rsa; p=AAAA"' '"x"'
again
wait_until 30 sh -c '"$0" dkim check example.com | grep -q FAIL' "$SMEMAIL"
run "$SMEMAIL" dkim check example.com
expect_status 1 'a server with another key fails the check'
expect_out_like '^FAIL +ns2.example.com .*another key' 'and it is named'
expect_out_like '^WARN +servers +1 of 2' 'some receivers find no key'

# a server that does not answer is not a failure of the key
kill "$ns2"
wait "$ns2" 2>/dev/null
run "$SMEMAIL" dkim check example.com
expect_status 111 'a silent server could not be tested'
expect_out_like '^\?\?\?\? +ns2.example.com .*could not be asked' 'it is told'
rm "$tmp/ready.127.0.0.3"

# faults of the record
case_zone() { # VALUE
	write_zone "$tmp/main.json" "$1" '"x"'
	cp "$tmp/main.json" "$tmp/ns1.json"
	cp "$tmp/main.json" "$tmp/ns2.json"
	again 2>/dev/null
}
case_zone "$(strings "$(printf %s "$value" | sed 's/k=rsa;/k=rsa; t=y;/')")"
serve 127.0.0.3 53 "$tmp/ns2.json"
ns2=$pid
wait_until 30 sh -c '"$0" dkim check example.com | grep -q t=y:' "$SMEMAIL"
run "$SMEMAIL" dkim check example.com
expect_out_like '^WARN +record +t=y' 'C54: t=y is told'
case_zone "$(strings "$(printf %s "$value" | sed 's/p=/p=p=/')")"
wait_until 30 sh -c '"$0" dkim check example.com | grep -q FAIL' "$SMEMAIL"
run "$SMEMAIL" dkim check example.com
expect_status 1 'S058: a doubled p= fails'
expect_out_like '^FAIL +record +p= is written' 'S058: and is named'

# rights
chmod 0644 "$root/home/e-smith/dkim_keys/example.com/private"
run "$SMEMAIL" dkim check example.com
expect_out_like '^WARN +rights +mode 0644' 'C57: a key others can read'
chmod 0400 "$root/home/e-smith/dkim_keys/example.com/private"
run "$SMEMAIL" dkim check nobody.example
expect_status 1 'no key at all'
run "$SMEMAIL" --json dkim check example.com
check 'the JSON is JSON' python3 -m json.tool "$out"

# text that a wildcard puts beside the key is no second key (RFC 6376 6.1.2)
case_zone "$(strings "$value"), \"v=spf1 -all\""
wait_until 30 sh -c '"$0" dkim check example.com >/dev/null 2>&1' "$SMEMAIL"
run "$SMEMAIL" dkim check example.com
expect_status 0 'other text at the name does not count'

# rotate: new selector, wait, switch, retire
case_zone "$(strings "$value")"
run "$SMEMAIL" dkim rotate example.com --selector 2026b
expect_status 3 'a new key is made and waits for its record'
expect_out_like '^2026b\._domainkey\.example\.com\. IN TXT' 'it is shown'
is "$(cat "$root/home/e-smith/dkim_keys/example.com/selector")" 2026a \
	'until then the old key signs'
run "$SMEMAIL" dkim rotate example.com
expect_status 3 'without the record nothing is switched'
expect_out_like '^2026b\._domainkey\.example\.com\. IN TXT' \
	'the record to publish is shown again'
expect_err_lacks 'dkim show' 'and not that of the key in use'
new=$("$SMEMAIL" --json dkim rotate example.com |
	python3 -c 'import json,sys; print(json.load(sys.stdin)["value"])')
write_zone "$tmp/main.json" "$(strings "$value")" "$(strings "$new")"
cp "$tmp/main.json" "$tmp/ns1.json"
cp "$tmp/main.json" "$tmp/ns2.json"
again
wait_until 30 sh -c '"$0" dkim rotate example.com >/dev/null 2>&1' "$SMEMAIL"
is "$(cat "$root/home/e-smith/dkim_keys/example.com/selector")" 2026b \
	'when every server knows it, it is switched'
run "$SMEMAIL" dkim check example.com
expect_status 0 'the new key is checked'
run "$SMEMAIL" dkim rotate example.com
expect_status 1 'the same once more begins no second change'
expect_err_like 'dkim rotate example.com --retire' 'the step that is open is told'
check_not 'and makes no key' test -e "$root/home/e-smith/dkim_keys/.next/example.com"
run "$SMEMAIL" dkim rotate example.com --retire
expect_status 3 'the old record stays while mail signed with it travels'
expect_err_like 'keep the record of 2026a' 'and it is told until when'
run "$SMEMAIL" dkim rotate example.com --retire --now
expect_status 0 'it can be retired at once'
check_not 'the old key is gone' \
	test -e "$root/home/e-smith/dkim_keys/.old/example.com"

# Ed25519 beside RSA (FL-117): each changes without the other
keys=$root/home/e-smith/dkim_keys
run "$SMEMAIL" dkim rotate example.com --ed25519
expect_status 1 'without such a key there is none to change'
expect_err_like 'dkim keygen example.com --ed25519' 'and what to do is told'
run "$SMEMAIL" dkim keygen example.com --ed25519 --selector e1
expect_status 0 'a key beside the other'
e1=$("$SMEMAIL" dkim show example.com --ed25519 --form registrar |
	sed -n 's/^value  //p')
run "$SMEMAIL" dkim rotate example.com --ed25519 --selector e2
expect_status 3 'the next Ed25519 key'
expect_out_like '^e2\._domainkey\.example\.com\. IN TXT "v=DKIM1; k=ed25519; ' \
	'its record is shown'
expect_err_like 'dkim rotate example.com --ed25519' 'the next step names it'
run "$SMEMAIL" dkim rotate example.com --selector 2026c
expect_status 3 'a new RSA key waits at the same time'
e2=$("$SMEMAIL" --json dkim rotate example.com --ed25519 |
	python3 -c 'import json,sys; print(json.load(sys.stdin)["value"])')
write_zone "$tmp/main.json" "$(strings "$value")" "$(strings "$new")" \
	"$(strings "$e1")" "$(strings "$e2")"
cp "$tmp/main.json" "$tmp/ns1.json"
cp "$tmp/main.json" "$tmp/ns2.json"
again
rsa_before=$(cksum <"$keys/example.com/private")
wait_until 30 sh -c '"$0" dkim rotate example.com --ed25519 >/dev/null 2>&1' \
	"$SMEMAIL"
is "$(cat "$keys/example.com/selector.ed25519")" e2 'the Ed25519 key changed'
is "$(cat "$keys/example.com/selector")" 2026b 'the RSA selector did not'
is "$(cksum <"$keys/example.com/private")" "$rsa_before" 'nor the RSA key'
is "$(stat -c %a "$keys/example.com/private")" 400 'nor its mode'
is "$(cat "$keys/.next/example.com/selector")" 2026c \
	'the RSA key that waits waits on'
check_not 'the old folder holds no RSA key' \
	test -e "$keys/.old-ed25519/example.com/private"
run "$SMEMAIL" dkim check example.com
expect_status 0 'both keys are right'
expect_out_like '^ok +key file .*RSA 2048' 'the RSA key is checked'
expect_out_like '^ok +key file .*Ed25519' 'and the Ed25519 key'
is "$(grep -cE '^ok +probe .*verified: pass' "$out")" 2 'a probe by each passes'
run "$SMEMAIL" dkim keygen example.com --ed25519 --selector e1 --replace
run "$SMEMAIL" dkim rotate example.com --ed25519 --selector e2
run "$SMEMAIL" dkim rotate example.com --ed25519 --retire
expect_status 3 'the old Ed25519 key has its own week'
run "$SMEMAIL" dkim rotate example.com --ed25519 --retire --now
expect_status 0 'and is retired'
check_not 'its folder is gone' test -e "$keys/.old-ed25519/example.com"
check 'the RSA key is not touched' test -f "$keys/example.com/private"

# a domain with an Ed25519 key alone
rm "$keys/example.com/private"
run "$SMEMAIL" dkim check example.com
expect_out_like '^WARN +RSA +no RSA key' 'Ed25519 alone is checked and told'
done_testing
