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
	printf 'subjectAltName=DNS:mta-sts.example.test\n' >ext
	openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial \
		-days 30 -extfile ext -out web.pem
) >/dev/null 2>&1
chmod 644 "$dir/key.pem"

# a name server that knows them
imap=$(free_port)
imaps=$(free_port)
pop3=$(free_port)
smtp=$(free_port)
key_digest=$(openssl x509 -in "$dir/cert.pem" -noout -pubkey |
	openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -c 1-64)
other_digest=$(openssl dgst -sha256 -r </dev/null | cut -c 1-64)
cat >"$tmp/zone.json" <<JSON
{"zone": {"names": {
 "mx.example.test": {"A": ["127.0.0.1"]},
 "_$smtp._tcp.mx.example.test": {"_ad": true,
   "TLSA": [{"hex": "030101$key_digest"}]},
 "_$imap._tcp.mx.example.test": {"TLSA": [{"hex": "030101$key_digest"}]},
 "_$imaps._tcp.mx.example.test": {"TLSA": [{"hex": "030101$other_digest"}]},
 "old.mail.example.test": {"A": ["127.0.0.1"]},
 "_$smtp._tcp.old.mail.example.test": {"_ad": true,
   "TLSA": [{"hex": "010101$key_digest"}, {"hex": "000101$key_digest"}]},
 "_mta-sts.mail.example.test": {"TXT": ["v=STSv1; id=1;", "v=STSv1; id=2;"]},
 "_mta-sts.example.test": {"TXT": ["v=STSv1; id=1;"]},
 "mta-sts.example.test": {"A": ["127.0.0.1"]},
 "other.example.test": {"A": ["127.0.0.1"]},
 "gone.example.test": {"_rcode": "SERVFAIL"}
}}}
JSON
python3 "$TOP/tests/tools/testdns.py" --port 0 --zone "$tmp/zone.json" \
	--ready-file "$tmp/ready" >/dev/null 2>&1 &
dns=$!
at_end "kill $dns 2>/dev/null"
wait_until 30 test -e "$tmp/ready"
SMEMAIL_DNS=$(sed 's/READY \(.*\) \(.*\)/\1:\2/' "$tmp/ready")
export SMEMAIL_DNS

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
wait_until 30 listens "$smtp"
wait_until 30 listens "$imap"

run "$SMEMAIL" smtp probe "mx.example.test:$smtp" --trusted "$dir/ca.pem" \
	--rcpt joe@example.test
expect_status 0 'Postfix is fine'
expect_out_like '^ok +banner +220 mx.example.test ESMTP Postfix' 'its banner'
expect_out_like '^info +size +messages of at most 15728640 bytes' 'its limit'
expect_out_like '^info +extensions +STARTTLS PIPELINING 8BITMIME' 'what it can'
expect_out_like '^ok +TLS +TLSv1.3, ' 'TLS by STARTTLS'
expect_out_like '^info +login +PLAIN LOGIN CRAM-MD5' 'logins are offered under TLS'
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
	[ "$1" = smtp ] || [ "$1" = tls ] ||
		expect_status 0 "tls probe by $1"
	expect_out_like '^ok +SNI +the same certificate without it' "SNI by $1"
	expect_out_like '^ok +versions +TLSv1.3, TLSv1.2$' "versions by $1"
	expect_out_like '^ok +key +RSA 2048, signed with sha256' "key by $1"
done

# DANE (RFC 7672): DANE-EE with the digest of the key, 3 1 1
probe() { # PROTOCOL PORT
	run "$SMEMAIL" tls probe "mx.example.test:$2" --starttls "$1" \
		--trusted "$dir/ca.pem"
}
probe smtp "$smtp"
expect_out_like '^ok +DANE +a TLSA record \(usage 3\) fits$' 'the key fits'
probe imap "$imap"
expect_out_like '^WARN +DANE +.* fits, but the resolver' 'without DNSSEC'
probe tls "$imaps"
expect_status 1 'a TLSA record of another key fails'
expect_out_like '^FAIL +DANE +no TLSA record fits' 'and what it means is told'
probe pop3 "$pop3"
expect_out_like '^info +DANE +no TLSA record' 'and none is a fact'

run "$SMEMAIL" tls probe "old.mail.example.test:$smtp" --starttls smtp \
	--trusted "$dir/ca.pem"
expect_out_like '^WARN +DANE +TLSA records of usage 0 or 1 only' \
	'RFC 7672 3.1.3: usages that mail does not look at'
expect_out_like '^FAIL +MTA-STS +_mta-sts.mail.example.test has 2 records' \
	'RFC 8461 3.1: several records are none, and that is told'

# MTA-STS (RFC 8461): the record is there, the policy at first is not
probe smtp "$smtp"
expect_out_like '^(FAIL|\?\?\?\?) +MTA-STS +_mta-sts.example.test announces' \
	'a policy that cannot be got'
cat >"$tmp/web.py" <<'PY'
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server = socket.create_server(("127.0.0.1", 443))
open(sys.argv[4], "w").close()
while True:
    raw, _ = server.accept()
    try:
        with context.wrap_socket(raw, server_side=True) as s:
            s.settimeout(5)
            asked = s.recv(4096)
            good = asked.startswith(b"GET /.well-known/mta-sts.txt ")
            s.sendall(b"HTTP/1.1 200 OK\r\n" if good
                      else b"HTTP/1.1 404 Not Found\r\n")
            s.sendall(b"Content-Type: text/plain\r\n\r\n")
            s.sendall(open(sys.argv[3], "rb").read())
            s.unwrap()
    except (OSError, ssl.SSLError):
        pass
PY
policy() { # MODE MX
	printf 'version: STSv1\r\nmode: %s\r\nmx: %s\r\nmax_age: 604800\r\n' \
		"$1" "$2" >"$tmp/policy"
}
policy enforce mx.example.test
python3 "$tmp/web.py" "$dir/web.pem" "$dir/key.pem" "$tmp/policy" \
	"$tmp/web" 2>"$tmp/said" &
web=$!
at_end "kill $web 2>/dev/null"
if wait_until 30 test -e "$tmp/web"; then
	probe smtp "$smtp"
	expect_status 0 'all is well'
	expect_out_like '^ok +MTA-STS +example.test: mode enforce, this server is named, kept for 7 days' \
		'the policy names the server'
	policy enforce '*.example.test'
	probe smtp "$smtp"
	expect_out_like '^ok +MTA-STS ' 'a pattern stands for one label'
	policy enforce mail.elsewhere.test
	probe smtp "$smtp"
	expect_status 1 'a policy without this server'
	expect_out_like '^FAIL +MTA-STS .*not among its mx' 'keeps mail away'
	policy testing mail.elsewhere.test
	probe smtp "$smtp"
	expect_out_like '^WARN +MTA-STS ' 'while testing it is a warning'
	head -c 300000 /dev/zero >"$tmp/policy"
	probe smtp "$smtp"
	expect_out_like '^(FAIL|\?\?\?\?) +MTA-STS .*cannot be got' \
		'what is no policy, and endless'
	run "$SMEMAIL" tls probe "mx.example.test:$smtp" --starttls smtp
	expect_out_like '^FAIL +MTA-STS .*certificate is not verified' \
		'a web server that is not trusted'
else
	skip 'the policy of MTA-STS' "port 443 cannot be had"
fi
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
wait_until 30 relays
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

# each way to log in, alone, as the other servers of the world offer them
offers() { # TLS MECHANISM: Postfix and what we see of it
	postconf -c "$tmp/postfix/etc" -e "smtpd_sasl_mechanism_filter = $2" \
		"smtpd_tls_security_level = $1" 'smtpd_tls_auth_only = no' \
		2>/dev/null
	postfix -c "$tmp/postfix/etc" reload >/dev/null 2>&1
	wait_until 30 sees "$2" "$1"
}
sees() {
	"$SMEMAIL" smtp probe "mx.example.test:$smtp" >"$tmp/sees"
	grep -qiE "^info +login +$1( |\$)" "$tmp/sees" &&
		if [ "$2" = may ]; then grep -q TLSv1 "$tmp/sees"
		else ! grep -q TLSv1 "$tmp/sees"; fi
}
for way in PLAIN LOGIN CRAM-MD5; do
	offers may "$(echo $way | tr '[:upper:]' '[:lower:]')"
	run "$SMEMAIL" smarthost test --trusted "$dir/ca.pem"
	expect_status 0 "F006: the only way is $way"
	expect_out_like "^ok +login +as 'joe' with $way\$" "F006: $way"
done
offers none cram-md5
run "$SMEMAIL" smarthost test
expect_out_like "^WARN +login +as 'joe' with CRAM-MD5, without TLS" \
	'without TLS CRAM-MD5 sends no password'
"$SMEMAIL" config setprop smtp-auth-proxy Passwd wrong-Word
run "$SMEMAIL" smarthost test
expect_out_like "^FAIL +login +refused as 'joe': 535 " \
	'and a wrong password is refused'
offers none plain
run "$SMEMAIL" smarthost test
expect_status 1 'without TLS PLAIN is not tried'
expect_out_like '^FAIL +login +not tried: the password would travel in clear' \
	'and why'
offers may plain
run "$SMEMAIL" --json smarthost test --trusted "$dir/ca.pem"
expect_status 1 'F006: a wrong password'
expect_out_lacks 'wrong-Word|d3JvbmctV29yZ' 'nor in JSON'
check 'the JSON is JSON' python3 -m json.tool "$out"
done_testing
