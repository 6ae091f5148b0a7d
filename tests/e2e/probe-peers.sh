#!/bin/sh
# smtp probe, tls probe, smarthost test and smtp relay-test against a real
# Postfix and a real Dovecot with TLS on loopback (F006, F007, F133).
. "${0%/*}/lib.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'Postfix and Dovecot are started as root only'
for program in postfix doveadm openssl python3; do
	PATH=$PATH:/usr/sbin command -v $program >/dev/null ||
		skip_all "$program is not installed"
done
chmod 755 "$tmp"

# a certificate of our own authority for mx.example.test
dir=$tmp/certs
mkdir "$dir"
(
	cd "$dir" || exit 1
	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem \
		-subj '/CN=Test Authority' -days 30
	openssl req -newkey rsa:2048 -nodes -keyout key.pem -out req.pem \
		-subj '/CN=mx.example.test'
	printf 'subjectAltName=DNS:mx.example.test,DNS:*.mail.example.test\n' >ext
	openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial \
		-days 30 -extfile ext -out cert.pem
) >/dev/null 2>&1
chmod 644 "$dir/key.pem"

# a name server that knows them
cat >"$tmp/zone.json" <<JSON
{"zone": {"names": {
 "mx.example.test": {"A": ["127.0.0.1"]},
 "other.example.test": {"A": ["127.0.0.1"]},
 "gone.example.test": {"_rcode": "SERVFAIL"}
}}}
JSON
python3 "$TOP/tests/tools/testdns.py" --port 0 --zone "$tmp/zone.json" \
	--ready-file "$tmp/ready" >/dev/null 2>&1 &
dns=$!
at_end "kill $dns 2>/dev/null"
wait_until 5 test -e "$tmp/ready"
SMEMAIL_DNS=$(sed 's/READY \(.*\) \(.*\)/\1:\2/' "$tmp/ready")
export SMEMAIL_DNS

imap=$(free_port)
imaps=$(free_port)
pop3=$(free_port)
smtp=$(free_port)
mkdir "$tmp/dovecot" "$tmp/postfix"
cp "$dir/cert.pem" "$dir/key.pem" "$tmp/dovecot"
"$TOP/tests/tools/dovecot-instance.sh" "$tmp/dovecot" "$imap" "$imaps" \
	"$pop3" start >"$tmp/said" 2>&1 ||
	skip_all "Dovecot does not start: $(tail -n 1 "$tmp/said")"
at_end "doveadm -c '$tmp/dovecot/dovecot.conf' stop 2>/dev/null"
cat >"$tmp/postfix/extra.cf" <<CF
smtpd_tls_cert_file = $dir/cert.pem
smtpd_tls_key_file = $dir/key.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $tmp/dovecot/auth
message_size_limit = 15728640
mynetworks = 192.0.2.1
smtpd_relay_restrictions =
smtpd_tls_protocols = >=TLSv1.2
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
CF
PATH=$PATH:/usr/sbin
"$TOP/tests/tools/postfix-instance.sh" "$tmp/postfix" "$smtp" start \
	>"$tmp/said" 2>&1 || skip_all "Postfix does not start: $(cat "$tmp/said")"
at_end "postfix -c '$tmp/postfix/etc' stop 2>/dev/null"
listens() {
	python3 -c 'import socket,sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" 2>/dev/null
}
wait_until 10 listens "$smtp"
wait_until 10 listens "$imap"

run "$SMEMAIL" smtp probe "mx.example.test:$smtp" --trusted "$dir/ca.pem" \
	--rcpt joe@example.test
expect_status 0 'Postfix is fine'
expect_out_like '^ok +banner +220 mx.example.test ESMTP Postfix' 'its banner'
expect_out_like '^info +size +messages of at most 15728640 bytes' 'its limit'
expect_out_like '^info +extensions +STARTTLS PIPELINING 8BITMIME' 'what it can'
expect_out_like '^ok +TLS +TLSv1.3, ' 'TLS by STARTTLS'
expect_out_like '^info +login +PLAIN LOGIN' 'logins are offered under TLS'
expect_out_like '^ok +name +mx.example.test is named' 'the name'
expect_out_like '^ok +expiry ' 'the expiry'
expect_out_like '^ok +chain +verified' 'the chain'
expect_out_like '^ok +recipient +250' 'the recipient would be taken'
run "$SMEMAIL" smtp probe "mx.example.test:$smtp" --rcpt joe@elsewhere.test
expect_status 1 'a refusal is a no'
expect_out_like '^FAIL +recipient +554 .*refused for good' \
	'with its code and what it means'
expect_out_like '^WARN +chain +not verified' \
	'the system does not trust our authority'
run "$SMEMAIL" --json smtp probe "mx.example.test:$smtp"
check 'the JSON is JSON' python3 -m json.tool "$out"
run "$SMEMAIL" smtp probe "other.example.test:$smtp" --trusted "$dir/ca.pem"
expect_out_like '^WARN +name +other.example.test is not named; .*mx.example.test' \
	'a certificate for somebody else'
run "$SMEMAIL" smtp probe gone.example.test
expect_status 111 'a name that cannot be resolved could not be tested'

for one in "smtp $smtp" "imap $imap" "pop3 $pop3" "tls $imaps"; do
	# shellcheck disable=SC2086
	set -- $one
	run "$SMEMAIL" tls probe "mx.example.test:$2" --starttls "$1" \
		--trusted "$dir/ca.pem"
	expect_status 0 "tls probe by $1"
	expect_out_like '^ok +versions +TLSv1.3, TLSv1.2$' "versions by $1"
	expect_out_like '^ok +key +RSA 2048, signed with sha256' "key by $1"
done
run "$SMEMAIL" tls probe "mx.example.test:$imap" --starttls pop3 --timeout 5
expect_out_like '^(FAIL|\?\?\?\?) +STARTTLS +pop3: ' \
	'another protocol than was expected'

run "$SMEMAIL" smtp relay-test "mx.example.test:$smtp"
expect_status 0 'Postfix does not relay for strangers'
is "$(grep -c 'refused, 5' "$out")" 9 'each way is refused'
postconf -c "$tmp/postfix/etc" -e 'mynetworks = 127.0.0.0/8' \
	'default_transport = discard:' 2>/dev/null
postfix -c "$tmp/postfix/etc" reload >/dev/null 2>&1
relays() { # postfix reads it anew
	"$SMEMAIL" smtp relay-test "mx.example.test:$smtp" | grep -q taken
}
wait_until 10 relays
run "$SMEMAIL" smtp relay-test "mx.example.test:$smtp"
expect_status 111 'a relay that is open to loopback proves nothing'
expect_out_like '^\?\?\?\? +outside ' 'and why is told'

# the smarthost with its login
new_root
run "$SMEMAIL" init
run "$SMEMAIL" smarthost test
expect_status 1 'no smarthost is set'
"$SMEMAIL" config set SMTPSmartHost "mx.example.test:$smtp"
"$SMEMAIL" config set smtp-auth-proxy service status enabled Userid joe \
	Passwd secret PeerPort "$smtp"
run "$SMEMAIL" smarthost test --trusted "$dir/ca.pem"
expect_status 0 'F006: the smarthost takes our login'
expect_out_like "^ok +login +as 'joe' with PLAIN" 'F006: as whom and how'
expect_out_lacks 'secret' 'the password is not shown'
"$SMEMAIL" config setprop smtp-auth-proxy Passwd wrong-Word
run "$SMEMAIL" --json smarthost test --trusted "$dir/ca.pem"
expect_status 1 'F006: a wrong password'
expect_out_lacks 'wrong-Word|d3JvbmctV29yZ' 'nor in JSON'
check 'the JSON is JSON' python3 -m json.tool "$out"
done_testing
