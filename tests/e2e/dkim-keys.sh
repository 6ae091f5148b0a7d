#!/bin/sh
# Keys of this server: made, shown, used (F156, F157, F158, F159, FL-116,
# FL-117; dkim.default-key, dkim.default-public, dkim.domain-key,
# dkim.selector, dkim.domain-signing and dkim.old-key of the table of effects). openssl is the other side.
. "${0%/*}/lib.sh"
command -v openssl >/dev/null || skip_all 'openssl is not installed'

new_root
run "$SMEMAIL" init
expect_status 0 'a root'
keys=$root/home/e-smith/dkim_keys

run "$SMEMAIL" dkim keygen example.com --selector 2026a
expect_status 0 'F156: keygen makes a key'
for file in private public selector; do
	is "$(stat -c %a "$keys/example.com/$file")" 400 \
		"F156: $file has mode 400"
done
is "$(cat "$keys/example.com/selector")" 2026a 'the selector is stored'
openssl pkey -in "$keys/example.com/private" -noout -text 2>/dev/null |
	grep -o '([0-9]* bit' | head -n 1 >"$tmp/bits"
is "$(cat "$tmp/bits")" '(2048 bit' 'openssl reads a key of 2048 bits'
openssl pkey -in "$keys/example.com/private" -pubout 2>/dev/null >"$tmp/public"
check 'public belongs to private' cmp "$tmp/public" "$keys/example.com/public"
if [ "$(id -u)" -eq 0 ] && id qpsmtpd >/dev/null 2>&1; then
	is "$(stat -c %U "$keys/example.com/private")" qpsmtpd \
		'F156: the daemon owns the key'
fi

run "$SMEMAIL" dkim keygen example.com
expect_status 100 'a key that exists is not overwritten'
expect_err_like 'dkim rotate example.com' 'and the way to change it is told'

# the record in its three forms
wanted=$(openssl pkey -in "$keys/example.com/private" -pubout -outform DER \
	2>/dev/null | openssl base64 -A)
run "$SMEMAIL" dkim show example.com --form registrar
expect_out_like '^name   2026a\._domainkey$' 'F158: the name for a web form'
expect_out_like "^value  v=DKIM1; k=rsa; p=$(printf %s "$wanted" |
	sed 's/[+]/[+]/g')\$" 'F158: the value whole'
run "$SMEMAIL" dkim show example.com --form line
is "$(grep -o '"[^"]*"' "$out" | awk 'length($0) > 257' | wc -l)" 0 \
	'F158: no string is longer than 255'
is "$(grep -o '"[^"]*"' "$out" | tr -d '"\n')" \
	"v=DKIM1; k=rsa; p=$wanted" 'F158: the strings make up the record'
run "$SMEMAIL" dkim show example.com
expect_out_like '^2026a\._domainkey\.example\.com\. IN TXT \($' \
	'F158: the form for a zone file'
run "$SMEMAIL" dkim show example.com --testing --form line
expect_out_like 'k=rsa; t=y; p=' 'F159: test mode on request'
run "$SMEMAIL" dkim show example.com --form poem
expect_status 2 'an unknown form is refused'

# FL-116: which key is used
run "$SMEMAIL" dkim show mail.example.com --form line
expect_out_like '^2026a\._domainkey\.example\.com\.' \
	'FL-116: the key of a parent domain, which is then the d='
run "$SMEMAIL" dkim show other.example
expect_status 1 'FL-116: no key for another domain'
run "$SMEMAIL" dkim keygen default
for file in private public selector; do
	check "dkim.default-key: default/$file" test -f "$keys/default/$file"
done
openssl pkey -in "$keys/default/private" -pubout 2>/dev/null >"$tmp/public"
check 'dkim.default-public: the other half of the key' \
	cmp "$tmp/public" "$keys/default/public"
run "$SMEMAIL" dkim show other.example --form line
expect_out_like '^default\._domainkey\.other\.example\.' \
	'FL-116: the shared key signs for the domain itself'

# a shorter key
run "$SMEMAIL" dkim keygen example.com --bits 1024 --replace
expect_status 0 'F157: 1024 bits on request'
expect_err_like 'warning: 1024 bits are weak' 'F157: with the warning'
check 'F157: the long key is kept' test -f "$keys/example.com/private.long"
run "$SMEMAIL" dkim keygen example.com --bits 512 --replace
expect_status 2 '512 bits are refused (RFC 8301)'

# signing, verified with the public half of the key by openssl and by us
printf 'From: Anna <anna@example.com>\r\nSubject: a  test\r\n\r\nbody \r\n' \
	>"$tmp/message"
run "$SMEMAIL" dkim sign "$tmp/message"
expect_status 0 'a message is signed'
is "$(tr -d '\r\n\t' <"$out" | grep -o 'd=example.com; *s=[a-z]*;')" \
	'd=example.com;s=default;' 'with d= and s= of the key'
expect_out_like 'h=From:From:Subject;' 'FL-117: From is signed twice'
expect_out_lacks '[; ]l=' 'l= is never written'
tail -c "$(wc -c <"$tmp/message")" "$out" >"$tmp/rest"
check 'the message itself is as it was' cmp "$tmp/rest" "$tmp/message"
for from in 'anna@example.com (away from far.example@x.test)' \
	'Anna <anna@example.com>, Ben <ben@far.example>'; do
	printf 'From: %s\n\nbody\n' "$from" >"$tmp/other"
	run "$SMEMAIL" dkim sign --field "$tmp/other"
	expect_out_like 'd=example.com;' "for the first address of $from"
done
printf 'Subject: nobody\n\nbody\n' >"$tmp/other"
run "$SMEMAIL" dkim sign "$tmp/other"
expect_status 2 'without From nothing is signed'
expect_err_like 'no address in From' 'and why'
expect_err_like '^next: smemail dkim sign --domain' 'and what to do'
run "$SMEMAIL" dkim sign --domain nobody.invalid --key "$tmp/absent" \
	--selector s "$tmp/message"
expect_status 100 'a key file that is not there'
run "$SMEMAIL" dkim keygen example.com --ed25519
check 'FL-117: the Ed25519 key lies beside the other' \
	test -f "$keys/example.com/private.ed25519"
run "$SMEMAIL" dkim show example.com --ed25519 --form line
expect_out_like '^ed25519\._domainkey\.example\.com\. IN TXT "v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}="$' \
	'RFC 8463: its record'

# dkim.domain-signing: a domain whose mail goes unsigned
"$SMEMAIL" config set DomainName example.com
"$SMEMAIL" db domains set other.example domain
run "$SMEMAIL" set dkim.domain-signing disabled --for other.example
expect_status 0 'dkim.domain-signing is stored'
run "$SMEMAIL" plan
expect_out_like 'dkim_keys/other\.example/disabled +new' \
	'dkim.domain-signing: plan shows the mark'
run "$SMEMAIL" apply
check 'dkim.domain-signing: apply makes dkim/other.example/disabled' \
	test -f "$keys/other.example/disabled"
run "$SMEMAIL" plan --exit-code
expect_status 0 'and nothing is left to do'
run "$SMEMAIL" dkim check other.example
expect_out_like 'disabled' 'the check tells it, the key being another one'
run "$SMEMAIL" unset dkim.domain-signing --for other.example
run "$SMEMAIL" apply
check_not 'unset: the mark is gone' test -e "$keys/other.example/disabled"
mkdir -p "$keys/other.example"
echo mine >"$keys/other.example/disabled"
run "$SMEMAIL" apply
is "$(cat "$keys/other.example/disabled")" mine 'one made by hand stays'

# dkim.old-key: releases before 9.2 read the key elsewhere
"$SMEMAIL" config set sysconfig configuration ReleaseVersion 9.1
run "$SMEMAIL" dkim keygen old.example
old=$root/var/service/qpsmtpd/config/dkimkeys/old.example.private
check 'dkim.old-key: the key is copied to dkimkeys/' \
	cmp "$old" "$keys/old.example/private"
is "$(stat -c %a "$old")" 700 'dkim.old-key: with mode 0700'
"$SMEMAIL" config set sysconfig configuration ReleaseVersion 10

# a domain as people write it is the one that the DNS has (RFC 5891)
run "$SMEMAIL" dkim keygen 'Müller.example' --selector u1
check 'its folder has the name of the DNS' \
	test -f "$keys/xn--mller-kva.example/private"
run "$SMEMAIL" dkim show müller.example
expect_out_like '^u1\._domainkey\.xn--mller-kva\.example\. IN TXT' \
	'and so has its record'
run "$SMEMAIL" --dns 127.0.0.1:9 dkim check müller.example
expect_out_like '^ok +key file .*xn--mller-kva\.example' 'and the check'
run "$SMEMAIL" --dns 127.0.0.1:9 smtp probe müller.example:26
expect_status 111 'a host too; that its name cannot be asked for is no fault of it'

# full disk, no permission: nothing is lost
run "$SMEMAIL" dkim keygen '../x'
expect_status 2 'no way out of the folder'
check_not 'nothing was made there' test -e "$root/home/e-smith/x"
done_testing
