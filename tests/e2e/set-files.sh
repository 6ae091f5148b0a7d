#!/bin/sh
# Settings that live in files (effects.md 13.4): fragments of smemail hold a
# mark, those of others are left alone, plan shows what comes of them.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
custom=$root/etc/e-smith/templates-custom
tab=$(printf '\t')

# F094: the time mail is retried; qmail reads the first line of the file
run "$SMEMAIL" set delivery.queue-lifetime 2d
expect_out "delivery.queue-lifetime: 604800 (default) -> 172800, stored, not applied" \
    "F094 queue lifetime is stored"
is "$(cat "$custom/var/qmail/control/queuelifetime")" "172800
# smemail: delivery.queue-lifetime" "F094 in a fragment, the value first"
run "$SMEMAIL" get delivery.queue-lifetime
expect_out 172800 "and read again"
run "$SMEMAIL" plan
expect_out_like '^ +/var/qmail/control/queuelifetime +new' "plan shows the file"
run "$SMEMAIL" apply
expect_status 0 "apply"
is "$(head -n 1 "$root/var/qmail/control/queuelifetime")" 172800 \
    "F094 the file qmail reads"
run "$SMEMAIL" unset delivery.queue-lifetime
expect_out "delivery.queue-lifetime: 172800 -> 604800 (default), stored, not applied" \
    "unset"
"$SMEMAIL" apply >/dev/null 2>&1
check_not "F094 back to the byte: no fragment is left" \
    test -e "$custom/var/qmail/control/queuelifetime"
check_not "F094 nor the file that was made of it" \
    test -e "$root/var/qmail/control/queuelifetime"

# a file that somebody wrote by hand, without a template, stays
echo 86400 >"$root/var/qmail/control/queuelifetime"
run "$SMEMAIL" plan
expect_out_lacks 'queuelifetime' 'a file of another hand is not in the plan'
run "$SMEMAIL" set spam.tag-level 6
run "$SMEMAIL" apply
expect_status 0 "apply beside it"
is "$(cat "$root/var/qmail/control/queuelifetime")" 86400 "and it stays"
rm "$root/var/qmail/control/queuelifetime"
run "$SMEMAIL" unset spam.tag-level
run "$SMEMAIL" apply

# a folder that somebody emptied makes no file, and breaks nothing
mkdir -p "$custom/var/service/qpsmtpd/config/emptied" \
    "$custom/var/qmail/control/emptied"
run "$SMEMAIL" plan
expect_status 0 "plan with an empty folder of a template"
run "$SMEMAIL" apply
expect_status 0 "and apply"
check_not "no file comes of it" test -e "$root/var/qmail/control/emptied"

# F025, F026: scores, absolute and relative
run "$SMEMAIL" set spam.rule-scores 20.000 --for SARE_ADULT2
run "$SMEMAIL" set spam.rule-scores '(-1)' --for TEST_NAME
is "$(cat "$custom/etc/mail/spamassassin/local.cf/20localscores")" \
    "# smemail: spam.rule-scores
score SARE_ADULT2 20.000
score TEST_NAME (-1)" "F025 F026 scores in the fragment of the wiki, marked"
run "$SMEMAIL" list --changed filtering
expect_out_like '^spam.rule-scores +pending +set for 2' "list counts them"
run "$SMEMAIL" unset spam.rule-scores --for SARE_ADULT2
run "$SMEMAIL" unset spam.rule-scores --for TEST_NAME
check_not "F027 the last one takes the fragment away" \
    test -e "$custom/etc/mail/spamassassin/local.cf/20localscores"
run "$SMEMAIL" set spam.rule-scores 1 --for 'A B'
expect_status 2 "the name of a rule holds no blank"

# F042, F044: pairs
run "$SMEMAIL" set lists.from-to refuse --for "a@out.example${tab}bob@example.com"
is "$(cat "$custom/var/qmail/control/badmailfromto/template-begin")" \
    "# smemail: lists.from-to
a@out.example${tab}bob@example.com" "F044 a pair: one tab between, a line each"
"$SMEMAIL" unset lists.from-to --for "a@out.example${tab}bob@example.com" >/dev/null 2>&1
"$SMEMAIL" apply >/dev/null 2>&1
check_not "the last pair is out of force" grep -q '@' \
    "$root/var/qmail/control/badmailfromto"

# F099: outgoing mail only, outside and from the local networks
"$SMEMAIL" set archive.bcc=enabled archive.bcc-mode=bcc archive.outgoing-only=outgoing \
    >/dev/null 2>&1
# (what the fragment gives is in tests/unit/model_effect_rows_test.c; the
# bundled daemon says so where it cannot load the plugin)
for list in 0 local; do
	run "$SMEMAIL" template expand "/var/service/qpsmtpd/config/peers/$list"
	expect_out_like '^(bcc mode bcc outgoing maillog|# bcc not built yet in smemail-filterd)$' \
	    "F099 copies of outgoing mail in peers/$list"
done
"$SMEMAIL" set archive.bcc disabled >/dev/null 2>&1
"$SMEMAIL" expand-template /var/service/qpsmtpd/config/peers/0
check "F099 and none where copies are switched off" grep -qx '# bcc disabled' \
    "$root/var/service/qpsmtpd/config/peers/0"
"$SMEMAIL" unset archive.outgoing-only >/dev/null 2>&1
check_not "back to all: no fragment" test -e \
    "$custom/var/service/qpsmtpd/config/peers/local/13bcc"

# what others wrote
mkdir -p "$custom/etc/mail/spamassassin/local.cf"
scores=$custom/etc/mail/spamassassin/local.cf/20localscores
printf '# mine\nscore OWN 3\n' >"$scores"
run "$SMEMAIL" get spam.rule-scores --for OWN
expect_out 3 "a fragment of the administrator is read"
run "$SMEMAIL" set spam.rule-scores 4 --for NEW
expect_status 2 "and not changed"
expect_err "smemail: cannot change 'spam.rule-scores': '/etc/e-smith/templates-custom/etc/mail/spamassassin/local.cf/20localscores' was not written by smemail
next: look at it, then repeat with --force (a copy of it is kept)" "saying why"
is "$(cat "$scores")" "# mine
score OWN 3" "it is as it was"
run "$SMEMAIL" set spam.rule-scores 4 --for NEW --force
is "$(cat "$scores")" "# smemail: spam.rule-scores
# mine
score OWN 3
score NEW 4" "with --force the line is added"
is "$(cat "$root"/var/lib/smemail/replaced/*-20localscores)" "# mine
score OWN 3" "and a copy of the old file is kept"
run "$SMEMAIL" set spam.rule-scores 5 --for NEW --dry-run
expect_out "spam.rule-scores for NEW: 4 -> 5, not stored (dry run)" "--dry-run tells"
is "$(grep -c 'score NEW 4' "$scores")" 1 "and stores nothing"

# disclaimers are plain files (F103, F104)
printf 'Confidential.\nSecond line.\n' | "$SMEMAIL" set delivery.disclaimer-text --stdin >"$out" 2>"$err"
is "$(cat "$root/var/service/qpsmtpd/config/disclaimer")" "Confidential.
Second line." "F103 a text of several lines"
run "$SMEMAIL" set delivery.disclaimer-text-domain 'Firm Ltd.' --for example.com
is "$(cat "$root/var/service/qpsmtpd/config/disclaimer_example.com")" 'Firm Ltd.' \
    "F104 for a domain"
run "$SMEMAIL" set delivery.disclaimer-text-domain x --for ../../etc/passwd
expect_status 2 "a path is no domain"
run "$SMEMAIL" unset delivery.disclaimer-text
check_not "unset removes the file" test -e "$root/var/service/qpsmtpd/config/disclaimer"

# F132: relay clients; F129: no relaying from the LAN
run "$SMEMAIL" set relay.custom-clients '10.10.0.,192.168.7.0/24'
is "$(cat "$custom/var/service/qpsmtpd/config/relayclients/80custom")" \
    "# smemail: relay.custom-clients
10.10.0.
192.168.7.0/24" "F132 one client a line"
run "$SMEMAIL" set relay.no-lan present
"$SMEMAIL" expand-template /var/service/qpsmtpd/config/relayclients
check "F129 the fragment of the LAN is replaced by a comment" grep -qx \
    '# 80relayFromLocalNetwork disabled by custom template' \
    "$root/var/service/qpsmtpd/config/relayclients"

# old releases: words of one line (F152)

"$SMEMAIL" config set sysconfig configuration ReleaseVersion 9.1
"$SMEMAIL" set dkim.old-keys=dkim dkim.old-algorithm=rsa-sha256 >"$out" 2>"$err"
check "F152 options of the old signer share a line" grep -qx \
    'dkim_sign keys dkim algorithm rsa-sha256' \
    "$custom/var/service/qpsmtpd/config/peers/local/69dkim_sign"
run "$SMEMAIL" unset dkim.old-keys
check "one of them taken out" grep -qx 'dkim_sign algorithm rsa-sha256' \
    "$custom/var/service/qpsmtpd/config/peers/local/69dkim_sign"
run "$SMEMAIL" set filter.check-headers-local disabled
check "F084 the header check is replaced by a comment" grep -qx \
    '# 17check_basicheaders disabled by custom template' \
    "$custom/var/service/qpsmtpd/config/peers/local/17check_basicheaders"
done_testing
