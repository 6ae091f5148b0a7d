#!/bin/sh
# Tasks of several settings as one command, one change each: profiles,
# attachments, pairs, scores, disclaimers, copies, hiding, groups, smarthost,
# relaying.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
mkdir -p "$root/var/service/qpsmtpd/config" "$root/var/qmail/control"
custom=$root/etc/e-smith/templates-custom
db() {
	"$SMEMAIL" db "$@"
}
get() {
	"$SMEMAIL" get "$@" 2>&1
}

# F013, F048, F049, F051: profiles
run "$SMEMAIL" profile list
expect_status 0 "profiles"
expect_out_like '^recommended +[0-9]+ ' "F013 recommended, and in what it differs"
run "$SMEMAIL" profile show recommended
expect_out_like '^spam.tag-level +4 +4 +as it is' "F013 a preview: what is so already"
expect_out_like '^spam.sort-junkmail +disabled|^virus.scan +enabled +enabled +as it is' "and what changes"
run "$SMEMAIL" profile apply recommended --dry-run
expect_status 0 "dry run"
nothing_changed "changes nothing"
run "$SMEMAIL" profile apply recommended
expect_status 0 "F013 applied"
for wanted in virus.scan=enabled spam.filter=enabled spam.sensitivity=custom \
    spam.tag-level=4 spam.reject-level=12 spam.sort-junkmail=enabled \
    spam.subject-tag=enabled attachments.block=enabled; do
	is "$(get "${wanted%=*}")" "${wanted#*=}" "F013 $wanted"
done
run "$SMEMAIL" profile apply recommended
expect_out 'recommended: everything is so already' "once is enough"
run "$SMEMAIL" profile apply bayes-autolearn
for wanted in bayes.use=1 bayes.learn-spam-above=6.00 bayes.learn-ham-below=0.10 \
    bayes.autolearn=1 bayes.spam-learning=enabled; do
	is "$(get "${wanted%=*}")" "${wanted#*=}" "F051 $wanted"
done
run "$SMEMAIL" profile apply conservative-rbl
is "$(get rbl.dns-zones) $(get rbl.sender-zones)" \
    'zen.spamhaus.org dbl.spamhaus.org' "F048 careful zones"
run "$SMEMAIL" profile apply rbl-behind-forwarder
is "$(get rbl.sender-zones)" multi.surbl.org:dbl.spamhaus.org "F049 no uribl.com"
run "$SMEMAIL" profile show recomended
expect_err "smemail: there is no profile 'recomended'
next: smemail profile show recommended" "the nearest name"

# F014, F068: attachments
run "$SMEMAIL" attachments show
expect_out_like '^TVqQAAMAA +blocked' "F014 executables are blocked"
expect_out_like '^UEsDBBQAA +allowed .*zip' "F014 archives are not"
db mailpatterns set docx pattern Body UEsDBBQABgA Description 'Word zip' Status disabled
db mailpatterns set scr pattern Body TVqQAAMAB,TVqQAAMAC Description 'screen saver' Status disabled
run "$SMEMAIL" attachments block executables
is "$(db mailpatterns getprop scr Status) $(db mailpatterns getprop docx Status)" \
    'enabled disabled' "F014 those of the server, except zip"
run "$SMEMAIL" attachments allow 'screen saver'
is "$(db mailpatterns getprop scr Status)" disabled "a single one, by its description"
run "$SMEMAIL" attachments block nosuch
expect_err_like "^smemail: there is no pattern 'nosuch'" "an unknown one"
printf 'MZ\220\000\003\000\000\000\004\000' >"$tmp/sample.exe"
run "$SMEMAIL" attachments add own --sample "$tmp/sample.exe"
is "$(db mailpatterns getprop TVqQAAMAAAAE Description)" own "F068 the signature of a file"
printf '# mine\nAAAABBBB\nCCCCDDDD\n' >"$tmp/signatures"
run "$SMEMAIL" attachments add several --from "$tmp/signatures"
is "$(db mailpatterns getprop CCCCDDDD Status)" enabled "F068 signatures from a file"
"$SMEMAIL" expand-template /var/service/qpsmtpd/config/signatures_patterns
check "F068 they reach the filter" grep -qx CCCCDDDD \
    "$root/var/service/qpsmtpd/config/signatures_patterns"
run "$SMEMAIL" attachments add bad 'a|b='
expect_status 2 "what is no signature"
run "$SMEMAIL" attachments allow all
is "$(get attachments.block)" disabled "all are let through"

# F042-F044: pairs
run "$SMEMAIL" pairs add Boss@Out.test anna@example.com
expect_status 0 "F042 a pair"
expect_err_like '^! not in force: the plugin badmailfromto is not loaded' "F043 says what is missing"
run "$SMEMAIL" pairs enable --internal
check "F043 the new name from 9.2 on" grep -qx badmailfromto \
    "$custom/var/service/qpsmtpd/config/peers/0/31badmailfromto"
check "F043 for the local networks too" grep -qx badmailfromto \
    "$custom/var/service/qpsmtpd/config/peers/local/31badmailfromto"
run "$SMEMAIL" pairs show
expect_out_like '^boss@out.test +anna@example.com' "F042 shown"
for bad in '*@x.test' 'a b@x.test' 'x.test' 'a@b@c' ''; do
	run "$SMEMAIL" pairs add "$bad" anna@example.com
	expect_status 2 "F044 refused: '$bad'"
done
run "$SMEMAIL" pairs add a@b.test @example.com
expect_status 2 "F044 a recipient is one address"
printf 'x@y.test  anna@example.com # why\n@z.test\tinfo@example.com\n' >"$tmp/pairs"
run "$SMEMAIL" pairs import "$tmp/pairs"
expect_status 0 "pairs from a file"
run "$SMEMAIL" pairs export
expect_out 'boss@out.test anna@example.com
x@y.test anna@example.com
@z.test info@example.com' "and back"
"$SMEMAIL" expand-template /var/qmail/control/badmailfromto
is "$(sed -n 's/\t/<TAB>/p' "$root/var/qmail/control/badmailfromto")" \
    'boss@out.test<TAB>anna@example.com
x@y.test<TAB>anna@example.com
@z.test<TAB>info@example.com' "F044 one TAB in the file the filter reads"
run "$SMEMAIL" pairs remove x@y.test anna@example.com
run "$SMEMAIL" --json pairs show
json_is 'd["plugin"] == "badmailfromto" and d["internal"] and len(d["rows"]) == 2' "JSON"
printf 'check_badmailfromto\n' >"$custom/var/service/qpsmtpd/config/peers/0/31check_badmailfromto"
run "$SMEMAIL" pairs show
expect_err_like '^! a leftover of another release: .*peers/0/31check_badmailfromto' "C19 the old name is found"
run "$SMEMAIL" pairs enable
expect_status 2 "what was written by hand is not removed just so"
run "$SMEMAIL" pairs enable --force
check_not "C19 with --force it is" test -e \
    "$custom/var/service/qpsmtpd/config/peers/0/31check_badmailfromto"
run "$SMEMAIL" pairs disable
check_not "F043 not loaded any more" test -e \
    "$custom/var/service/qpsmtpd/config/peers/0/31badmailfromto"
printf 'no wildcard *@bad.test\n' >>"$custom/var/qmail/control/badmailfromto/template-begin"
run "$SMEMAIL" pairs show
expect_err_like "is not a pair" "C64 a bad line is found"

# F025-F027: scores
run "$SMEMAIL" scores set SARE_ADULT2 20
run "$SMEMAIL" scores set A_RULE=1.5 B_RULE=0
run "$SMEMAIL" scores add TEST_NAME -1
run "$SMEMAIL" scores list
expect_out_like '^SARE_ADULT2 +20$' "F025 a score"
expect_out_like '^TEST_NAME +\(-1\)$' "F026 relative"
run "$SMEMAIL" scores set A_RULE x
expect_status 2 "no number"
run "$SMEMAIL" scores reset A_RULE
expect_out_lacks xx "reset"
cat >"$tmp/editor" <<'END'
#!/bin/sh
sed -i '/SARE/d; s/^B_RULE.*/B_RULE 3/' "$1"
echo 'NEW_RULE (2)' >>"$1"
END
chmod +x "$tmp/editor"
EDITOR=$tmp/editor
export EDITOR
run "$SMEMAIL" scores edit
expect_status 0 "F027 in an editor"
is "$(grep ^score "$custom/etc/mail/spamassassin/local.cf/20localscores")" \
    'score B_RULE 3
score TEST_NAME (-1)
score NEW_RULE (2)' "F027 changed, removed, added"
EDITOR=false
run "$SMEMAIL" scores edit
expect_status 1 "an editor that gives up stores nothing"
EDITOR=true
run "$SMEMAIL" scores edit
expect_err_like 'nothing was changed' "nor one that changes nothing"
run "$SMEMAIL" scores reset --all
check_not "F027 reset" test -e "$custom/etc/mail/spamassassin/local.cf/20localscores"

# F103-F105: disclaimers
run "$SMEMAIL" disclaimer enable
expect_err_like 'switched on, but there is no text' "C30 no text"
echo 'Confidential.' >"$tmp/text"
run "$SMEMAIL" disclaimer set "$tmp/text"
is "$(cat "$root/var/service/qpsmtpd/config/disclaimer")" Confidential. "F103 the text"
cat >"$tmp/editor" <<'END'
#!/bin/sh
echo 'Other Ltd.' >"$1"
END
EDITOR=$tmp/editor
run "$SMEMAIL" disclaimer edit --domain example.com
is "$(cat "$root/var/service/qpsmtpd/config/disclaimer_example.com")" 'Other Ltd.' "F104 of a domain, in the editor"
run "$SMEMAIL" disclaimer show
expect_err_like 'keep one kind' "C30 both kinds"
run "$SMEMAIL" disclaimer remove
run "$SMEMAIL" disclaimer show --domain example.com
expect_out 'Other Ltd.' "F104 shown"
run "$SMEMAIL" disclaimer edit --domain nosuch.test
expect_status 2 "an unknown domain"
run "$SMEMAIL" disclaimer disable
is "$(get delivery.disclaimer)" disabled "F103 switched off"
unset EDITOR

# F096-F099: copies
run "$SMEMAIL" archive enable --hidden --outgoing-only --user anna
is "$(get archive.bcc) $(get archive.bcc-mode) $(get archive.bcc-user) $(get archive.outgoing-only)" \
    'enabled bcc anna outgoing' "F096-F099 in one change"
run "$SMEMAIL" archive enable --user nobody1
expect_err_like "there is no account 'nobody1' yet" "C27 a missing account"
run "$SMEMAIL" archive enable --hidden --visible
expect_status 2 "one or the other"
run "$SMEMAIL" archive enable --all --visible
is "$(get archive.outgoing-only)" all "all mail again"
run "$SMEMAIL" archive disable
is "$(get archive.bcc)" disabled "off"

# F118-F120: hiding
run "$SMEMAIL" user hide --all
is "$(db accounts getprop anna Visible) $(db accounts getprop bruno Visible)" \
    'internal internal' "F119 all users in one command"
check_not "F120 admin stays" db accounts getprop admin Visible
"$SMEMAIL" expand-template /var/service/qpsmtpd/config/badrcptto
check "F118 their addresses are refused from outside" grep -qx anna@example.com \
    "$root/var/service/qpsmtpd/config/badrcptto"
run "$SMEMAIL" user unhide --all
check_not "F119 and back" db accounts getprop anna Visible
run "$SMEMAIL" user hide admin
expect_status 2 "F120 admin"
expect_err_like "account of the system: hiding it has no effect" "F120 with the reason"
run "$SMEMAIL" group hide sales
is "$(db accounts getprop sales Visible)" internal "F118 a group"
run "$SMEMAIL" pseudonym hide info
is "$(db accounts getprop info Visible)" internal "F118 a pseudonym"
run "$SMEMAIL" user hide
expect_status 2 "nobody named"
run "$SMEMAIL" user hide ann
expect_err_like "no user 'ann'; there is 'anna'" "a mistyped name"

# F122-F124: groups
run "$SMEMAIL" user set anna everyone-email no
is "$(db accounts getprop anna EveryoneEmail)" no "F122 out of everyone"
run "$SMEMAIL" group exclude sales --user anna,bruno
is "$(db accounts getprop sales EmailExcludeUsers)" anna,bruno "F123 users"
run "$SMEMAIL" group include sales --user anna
is "$(db accounts getprop sales EmailExcludeUsers)" bruno "F123 one of them back"
db accounts set staff group Members anna
run "$SMEMAIL" group exclude sales --group staff
is "$(db accounts getprop sales EmailExcludeGroups)" staff "F124 a group"
run "$SMEMAIL" group exclude sales --user nosuch
expect_status 2 "an unknown user"
run "$SMEMAIL" group exclude sales
expect_status 2 "nobody named"

# F006, F007: the server of the provider
run "$SMEMAIL" smarthost set mail.isp.test:587
is "$(db configuration get SMTPSmartHost)" mail.isp.test:587 "F007 a port"
printf 'geheim\n' | "$SMEMAIL" smarthost set mail.isp.test:465 --user me >"$out" 2>"$err"
is "$(db configuration get SMTPSmartHost) $(db configuration getprop smtp-auth-proxy PeerPort) $(db configuration getprop smtp-auth-proxy Userid) $(db configuration getprop smtp-auth-proxy Passwd) $(db configuration getprop smtp-auth-proxy status)" \
    'mail.isp.test 465 me geheim enabled' "F006 with a login, the port where the proxy reads it"
check "F006 the journal has no password" lacks "$root/var/lib/smemail/journal" geheim
printf 'aus der Datei\n' >"$tmp/password"
run "$SMEMAIL" smarthost set mail.isp.test:465 --user me --password-file "$tmp/password"
is "$(db configuration getprop smtp-auth-proxy Passwd)" 'aus der Datei' "F006 from a file"
: >"$tmp/password"
run "$SMEMAIL" smarthost set mail.isp.test --user me --password-file "$tmp/password"
expect_status 2 "F006 a blank password"
run "$SMEMAIL" smarthost set mail.isp.test --user ' '
expect_status 2 "F006 a blank user"
run "$SMEMAIL" smarthost show
expect_out_lacks 'geheim|Datei' "the password is not shown"
run "$SMEMAIL" smarthost off
check_not "direct again" db configuration get SMTPSmartHost
"$SMEMAIL" unset delivery.smarthost-password >/dev/null 2>&1
run "$SMEMAIL" set delivery.smarthost-auth enabled
expect_status 2 "C69 a login without a password is refused"

# F125, F126: another server
run "$SMEMAIL" set delivery.internal-server 192.168.1.9
expect_status 2 "F125 asks"
expect_err_like 'takes all mail away from the mailboxes here' "F125 and says why"
run "$SMEMAIL" set delivery.internal-server 192.168.1.9 --yes
is "$(get delivery.internal-server)" 192.168.1.9 "F125 with --yes"
run "$SMEMAIL" domain set example.com delivery.domain-server mail2.example.net
is "$(db domains getprop example.com MailServer)" mail2.example.net "F126 one domain"
run "$SMEMAIL" domain set example.com dkim.domain-signing disabled
is "$(db domains getprop example.com DKIMSigning)" disabled "F155 one domain unsigned"

# F129-F133: relaying; FL-63, FL-64 for what the filter is given
clients() { # the generated list
	"$SMEMAIL" template expand /var/service/qpsmtpd/config/relayclients |
		grep -v '^#'
}
is_client() {
	clients | grep -qxF "$1"
}
check "FL-63 this server itself is always in" is_client 127.0.0.
run "$SMEMAIL" relay allow 192.168.1.40 192.168.1.41
check "FL-64 devices, one a line" is_client 192.168.1.40
check "FL-64 and the other one" is_client 192.168.1.41
check_not "FL-63 a network that has to log in is not in" is_client 192.168.1.
is "$(db configuration getprop qpsmtpd UnauthenticatedRelayClients)" 192.168.1.40,192.168.1.41 "F130 devices"
run "$SMEMAIL" relay deny 192.168.1.40
is "$(get relay.free-clients)" 192.168.1.41 "F130 one of them back"
run "$SMEMAIL" relay allow 192.168.1.0/24
expect_status 2 "F130 no subnets here"
run "$SMEMAIL" relay allow 203.0.113.7
expect_status 2 "F130 a public address asks"
run "$SMEMAIL" relay allow --network 192.168.1.0 --accept open-relay
is "$(db networks getprop 192.168.1.0 RelayRequiresAuth)" disabled "F131 a network"
check "FL-63 a network that needs no login is in" is_client 192.168.1.
run "$SMEMAIL" relay deny --network 192.168.1.0
check_not "FL-63 and out again" is_client 192.168.1.
check_not "F131 and back" db networks getprop 192.168.1.0 RelayRequiresAuth
run "$SMEMAIL" relay allow --custom 10.10.0.
check "F132 a prefix" grep -qx 10.10.0. "$custom/var/service/qpsmtpd/config/relayclients/80custom"
run "$SMEMAIL" relay allow --custom 0.0.0.0/0
expect_status 2 "F132 C25 everybody"
run "$SMEMAIL" relay deny --lan
is "$(get relay.no-lan)" present "F129 none from the LAN"
run "$SMEMAIL" set relay.require-auth disabled
expect_status 2 "F133 asks"

# F005, F008, F148, settings of one step
run "$SMEMAIL" set network.mtu 1492
expect_err_like 'needs a reboot' "F005 a reboot is needed, and told"
run "$SMEMAIL" set smtp.helo-host mail.example.com
is "$(db configuration getprop smtpd HeloHost)" mail.example.com "F008 HELO"
run "$SMEMAIL" set logs.keep-smtp 15
is "$(db configuration getprop qpsmtpd KeepLogFiles)" 15 "F148 logs kept"
run "$SMEMAIL" set webmail.title 'MyDomain Mail'
is "$(db configuration getprop horde Name)" 'MyDomain Mail' "F109 the title of the webmail"
run "$SMEMAIL" set webmail.admin enabled
is "$(db configuration getprop horde Administration)" enabled "F110"
run "$SMEMAIL" set php.memory-limit 64
expect_status 2 "F112 a value without suffix"

# settings of one step: the value as typed, the property it becomes
one() { # FEATURE ID VALUE RECORD PROPERTY STORED
	run "$SMEMAIL" set "$2" "$3"
	is "$(db configuration getprop "$4" "$5")" "$6" "$1 $2 $3"
}
one F019 spam.sort-junkmail on spamassassin SortSpam enabled
one F020 spam.retention-days 60 spamassassin MessageRetentionTime 60
one F021 spam.reject-level 14 spamassassin RejectLevel 14
one F022 spam.sensitivity high spamassassin Sensitivity high
run "$SMEMAIL" set spam.reject-level 15
expect_err_like 'counts only with spam.sensitivity custom' "F021 only with sensitivity custom"
one F024 spam.max-size 2M spamassassin MaxMessageSize 2000000
one F030 spam.pyzor-timeout 15 spamassassin PyzorTimeout 15
one F045 rbl.dns enabled qpsmtpd DNSBL enabled
one F052 bayes.learn-spam-above 12.00 spamassassin BayesAutoLearnThresholdSpam 12.00
run "$SMEMAIL" set bayes.learn-spam-above 3
expect_status 2 "F052 C07 below 6 is refused"
one F067 virus.heuristic-precedence yes clamav HeuristicScanPrecedence yes
one F070 virus.mem-limit 1400000000 clamd MemLimit 1400000000
one F090 imap.idle-notify 20 dovecot Idle_Notify 20
one F092 delivery.concurrency-local 6 qmail ConcurrencyLocal 6
one F093 delivery.concurrency-remote 10 qmail ConcurrencyRemote 10
one F095 delivery.double-bounce-to anna qmail DoubleBounceTo anna
run "$SMEMAIL" set delivery.double-bounce-to devnull
expect_status 2 "F095 C47 throwing bounces away asks"
expect_err_like 'throws bounces away, the rare real ones too' "F095 and says why"
one F112 php.memory-limit 64M php MemoryLimit 64M
run "$SMEMAIL" set smtp.status disabled
expect_err_like 'stops taking mail: senders give up after some days' "taking no mail asks"
run "$SMEMAIL" set smtp.access private
expect_err_like 'lets nobody outside deliver mail here' "so does shutting the outside out"
for setting in 'F136 imap.access public' 'F137 pop3.access public' 'F134 auth.tls-before-auth 0'; do
	# shellcheck disable=SC2086
	set -- $setting
	run "$SMEMAIL" set "$2" "$3"
	[ "$status" -eq 2 ] && grep -q -- '--accept exposes-passwords' "$err"
	verdict $? "$1 C21-C23 $2 $3 asks, and says why"
	run "$SMEMAIL" set "$2" "$3" --accept exposes-passwords
	expect_status 0 "$1 and takes it when that is accepted"
done
run "$SMEMAIL" profile apply no-clear-passwords
is "$(get imap.access) $(get pop3.access) $(get auth.tls-before-auth)" 'private private 1' \
    "C21-C23 one profile puts them right"
run "$SMEMAIL" user set bruno user-sort disabled
run "$SMEMAIL" user show bruno
expect_out_like '^spam.user-sort +pending +disabled|^spam.user-sort +set +disabled' "F017 F018 one user"

# one change each: a task is taken back at once
run "$SMEMAIL" apply
expect_status 0 "what is stored is applied"
expect_err_like 'the server must be restarted for some of it; smemail never does' \
    "F005 no restart by itself"
expect_out_lacks 'event +reboot' "F005 nor the event for it"
"$SMEMAIL" lists add badmailfrom @one.test @two.test >/dev/null 2>&1
"$SMEMAIL" pairs add a@one.test anna@example.com >/dev/null 2>&1
"$SMEMAIL" apply >"$out" 2>"$err"
is "$?" 0 "a task is applied"
run "$SMEMAIL" undo
expect_status 0 "and taken back at once"
is "$("$SMEMAIL" lists export badmailfrom; "$SMEMAIL" pairs export | grep one.test)" "" \
    "entries of lists and lines of files are gone"

# old release: the old name of the plugin
"$SMEMAIL" config set sysconfig configuration ReleaseVersion 9.1
run "$SMEMAIL" pairs enable
check "F043 the old name up to 9.1" grep -qx check_badmailfromto \
    "$custom/var/service/qpsmtpd/config/peers/0/31check_badmailfromto"
run "$SMEMAIL" set filter.spf-plugin-old present
check "F028 the old SPF plugin" grep -qx 'sender_permitted_from spf_deny 1' \
    "$custom/var/service/qpsmtpd/config/peers/0/30spf"
"$SMEMAIL" set spam.spf-softfail-score=6.000 spam.spf-fail-score=14.000 >/dev/null 2>&1
is "$(grep -c '^score SPF_' "$custom/etc/mail/spamassassin/local.cf/20localscores")" 2 "F028 and its scores"
run "$SMEMAIL" unset filter.spf-plugin-old
check_not "F029 dropped again" test -e "$custom/var/service/qpsmtpd/config/peers/0/30spf"
# release 11: Postfix
"$SMEMAIL" config set sysconfig configuration ReleaseVersion 11
printf 'pw\n' | "$SMEMAIL" smarthost set mail.isp.test:587 --user me >"$out" 2>"$err"
is "$(db configuration getprop postfix SMTPSmartHost) $(db configuration getprop postfix SMTPSmartHostPeerPort) $(db configuration getprop postfix SMTPSmartHostStatus)" \
    'mail.isp.test 587 enabled' "F006 on release 11"
done_testing
