#!/bin/sh
# status: services, changes and settings in one answer (screens 4.1, 6).
. "${0%/*}/lib.sh"

root=$tmp/root
SMEMAIL_FILTERD=$FILTERD
export SMEMAIL_FILTERD
run "$SMEMAIL" init --root "$root" --domain example.test --user anna
expect_status 0 "a root is laid out"
SMEMAIL_ROOT=$root
export SMEMAIL_ROOT

run "$SMEMAIL" status
expect_status 1 "a service that should run and does not is an answer of no"
expect_out_like '^FAIL +1 failure$' "it is counted"
expect_out_like '^findings +FAIL qpsmtpd: should run and does not: ' "and named"
expect_out_like '^services +.*qpsmtpd' "among the services too"
expect_out_like '^changes +0 pending; no apply yet' "nothing was changed yet"
expect_err_like '^next: smemail service status qpsmtpd$' "what to look at next"
expect_out_like '^queue +none of qmail here$' "a queue that is not there"
expect_out_like '^certificate +mail\.example\.test, until .* \(36(49|50) days\)$' \
    "until when the certificate is good"

run "$SMEMAIL" set spam.sensitivity high
run "$SMEMAIL" status
expect_out_like '^changes +1 pending' "a stored setting waits"

run "$SMEMAIL" config setprop spamassassin RejectLevel bogus
run "$SMEMAIL" status
expect_out_like '^settings .* 1 not valid' "a value of another tool is judged"

run "$SMEMAIL" status --json
check "the JSON is JSON and has its schema" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "smemail.status/1" and d["state"] == "FAIL"
assert d["changes"] == {"pending": 1, "last": None}
assert d["settings"]["not_valid"] == 1
assert [s["name"] for s in d["services"]].count("qpsmtpd") == 1
' "$out"

db=$SMEMAIL_ROOT/home/e-smith/db/configuration
cp "$db" "$tmp/saved"
printf 'x=\0y\n' >"$db"
run "$SMEMAIL" status
expect_status 1 "a damaged database is an answer of no"
expect_out_like '^findings +FAIL databases: .*configuration.* holds bytes that are no text' \
    "the first finding names it"
expect_out_like '^settings +\?\?\?\? ' "nothing is said of what is stored"
expect_err 'next: restore it from a backup' "and what to do"
run "$SMEMAIL" list Webmail
expect_err_like '^! .*configuration.* it is damaged$' "the list tells it too"
cp "$tmp/saved" "$db"

# the mail of 24 hours, by hour: what is older counts no more
python3 - "$root/var/log/qpsmtpd/current" <<'EOF'
import sys, time
TERSE = ("@%x00000000 %d (deny) logging::logterse: ` 203.0.113.9\th.test\th"
         "\t<a@b.test>\t<c@example.test>\t%s\t%s\t%s\tx\t\n")
now = int(time.time())
with open(sys.argv[1], "a", encoding="ascii") as f:
    for pid, (ago, rule, code, text) in enumerate([
            (26 * 3600, "dnsbl", 901, "old"),
            (2 * 3600, "dnsbl", 901, "listed"),
            (2 * 3600, "naughty", 901, "(dnsbl) listed"),
            (60, "helo", 901, "no"), (60, "loadcheck", 902, "busy"),
            (60, "queued", "", "<1@b.test>")]):
        f.write(TERSE % (0x400000000000000a + now - ago, pid, rule, code,
                         text))
EOF
run "$SMEMAIL" status
expect_out_like '^mail 24h +accepted 1, refused 3, deferred 1$' \
    "what was accepted, refused and deferred in 24 hours"
expect_out_like '^ +refused by dnsbl 2, helo 1$' \
    "and by what, whether at once or in a later phase"

# an expired certificate, and a queue in which mail waits
cat >"$root/var/service/qpsmtpd/config/ssl/cert.pem" <<'EOF'
-----BEGIN CERTIFICATE-----
MIIBYzCCAQmgAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBvbGQuZXhh
bXBsZS50ZXN0MB4XDTI0MDEwMTAwMDAwMFoXDTI0MDIwMTAwMDAwMFowGzEZMBcG
A1UEAwwQb2xkLmV4YW1wbGUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BPpB/EFCMl0+E4eK6N6wbLJnXlUuYXVFRj/ISFdX6jsy7h+JQpQWqESWw4iTOf4Y
dtRjT3RlTtwJLdxWxiB/WvyjPjA8MBsGA1UdEQQUMBKCEG9sZC5leGFtcGxlLnRl
c3QwHQYDVR0OBBYEFJ+ulyDXcNPRd0nRXvyT9q1vA8CNMAoGCCqGSM49BAMCA0gA
MEUCIQCbNGNUzMtNj17qXf0n3WHSZbrbCUgr24RwWcQLmMNl6wIgTsYCjTQ48ovp
RWrQ/HamzOmH2SLUUu5j5a9kO1Y2Tbk=
-----END CERTIFICATE-----
EOF
for folder in mess local remote; do
	mkdir -p "$root/var/qmail/queue/$folder/0"
done
: >"$root/var/qmail/queue/mess/0/4711"
: >"$root/var/qmail/queue/remote/0/4711"
touch -d '2 days ago' "$root/var/qmail/queue/mess/0/4711"
run "$SMEMAIL" status
expect_out_like '^FAIL +2 failures, 2 warnings$' "findings are counted by state"
expect_out_like '^ +FAIL certificate: old\.example\.test, expired: 01 Feb 2024$' \
    "an expired certificate is a failure"
expect_out_like '^ +WARN queue: 1 message \(local 0, remote 1\), oldest 2 d' \
    "mail that waits for days is a warning"
run "$SMEMAIL" status --json
check "all of it is in the JSON" python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert [f["state"] for f in d["findings"]] == ["fail", "fail", "warn", "warn"]
assert d["mail"]["by_rule"] == {"dnsbl": 2, "helo": 1}
hours = d["mail"]["hours"]
assert len(hours) == 24
assert sum(h["refused"] for h in hours) == d["mail"]["refused"] == 3
assert d["mail"]["accepted"] == d["mail"]["deferred"] == 1
assert d["queue"]["remote"] == 1 and d["queue"]["oldest_s"] >= 2 * 86400
assert d["certificate"]["name"] == "old.example.test"
assert d["certificate"]["days"] < 0
' "$out"
echo nonsense >"$root/var/service/qpsmtpd/config/ssl/cert.pem"
run "$SMEMAIL" status
expect_out_like "^ +\?\?\?\? certificate: '.*cert\.pem' holds no certificate" \
    "a file that holds none is not tested, with the reason"

run "$SMEMAIL" --root "$tmp" status
expect_status 2 "a folder without a mail system"
expect_err_like 'is not a root of a mail system' "is named"
done_testing
