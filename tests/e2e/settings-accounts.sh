#!/bin/sh
# What qmail reads for accounts and domains (effects.md 3): .qmail of users,
# aliases of groups, users/assign, virtualdomains; events with an argument;
# modes; and which of it each release has (EF-6, EF-7).
. "${0%/*}/lib.sh"

SMEMAIL_FILTERD=$FILTERD
export SMEMAIL_FILTERD
root=$tmp/r
SMEMAIL_ROOT=$root

lay_out() { # RELEASE
	rm -rf "$root"
	unset SMEMAIL_ROOT
	"$SMEMAIL" init --root "$root" --release "$1" --domain example.org \
		--user alice >/dev/null 2>&1
	SMEMAIL_ROOT=$root
	export SMEMAIL_ROOT
	mkdir -p "$root/etc"
	{
		echo 'admin:x:101:101::/home/e-smith:/bin/false'
		echo 'alias:x:400:401::/var/qmail/alias:/bin/false'
	} >"$root/etc/passwd"
	echo 'qmail:x:401:' >"$root/etc/group"
	db accounts setprop alice Uid 5001 Gid 5001
	db accounts set bob user EmailForward local Uid 5002 Gid 5002
	db accounts set sales.eu group Members alice,bob
	db accounts set interns group Members bob
	db accounts set alice.smith pseudonym Account alice
	db accounts set boss pseudonym Account alice.smith
	db accounts set team pseudonym Account sales.eu
	db accounts set info@other.example pseudonym Account bob
	db domains set other.example domain
	"$SMEMAIL" signal-event email-update
}

db() {
	"$SMEMAIL" db "$@" >/dev/null
}

# Lines of a file but comments and blank ones (EF-1).
says() { # PATH
	grep -Ev '^(#|$)' "$root$1"
}

files_changed() {
	"$SMEMAIL" plan --json | python3 -c '
import json, sys
print(*(f["path"] for f in json.load(sys.stdin)["files"]), sep="\n")'
}

applied() { # WHAT
	"$SMEMAIL" apply >"$out" 2>"$err" </dev/null
	status=$?
	expect_status 0 "$1: applied"
}

alias=/var/qmail/alias
home=/home/e-smith/files/users
names=/var/service/qpsmtpd/config/aliases # for the queue of smemail's own
lay_out 10
run "$SMEMAIL" plan
expect_out 'nothing to apply' 'everything is made by email-update'

is "$(says $home/alice/.qmail)" \
	"| condredirect alice-junkmail headermatch 'X-Spam-Status: Yes'
./Maildir/" '.qmail of a user'
is "$(says /home/e-smith/.qmail)" \
	"| condredirect admin-junkmail headermatch 'X-Spam-Status: Yes'
./Maildir/" 'and of the administrator'
is "$(says $home/bob/.qmail-junkmail)" \
	'| [ -d ./Maildir/.junkmail/ ] || /var/qmail/bin/maildirmake ./Maildir/.junkmail/
./Maildir/.junkmail/' '.qmail-junkmail'
is "$(readlink "$root$home/bob/.qmail-default")" .qmail \
	'what reads addresses with an extension'
is "$(says $alias/.qmail-default)" "| bouncesaying 'Recipient unknown'" \
	'alias: unknown users'
# shellcheck disable=SC2016 # qmail's own variable
is "$(says $alias/.qmail-localdelivery-default)" \
	'| forward $DEFAULT@mail.example.org' 'alias: local delivery'
is "$(says $alias/.qmail-shared)" '&admin
&alice
&bob' 'alias: everybody'
is "$(says "$alias/.qmail-sales:eu")" '&alice
&bob' 'alias of a group, colons for its dots'
is "$(readlink "$root$alias/.qmail-sales:eu-default")" '.qmail-sales:eu' \
	'and its link'
is "$(grep -c . "$root$alias/.qmail-devnull")" \
	"$(grep -c '^#' "$root$alias/.qmail-devnull")" \
	'alias: devnull says nothing'
is "$(cat "$root/var/qmail/users/assign")" \
	'=admin:admin:101:101:/home/e-smith:::
+admin-:admin:101:101:/home/e-smith:-::
=alias:alias:400:401:/var/qmail/alias:::
+alias-:alias:400:401:/var/qmail/alias:-::
=shared:alias:400:401:/var/qmail/alias:-:shared:
+shared-:alias:400:401:/var/qmail/alias:-:shared-:
=alice:alice:5001:5001:/home/e-smith/files/users/alice:::
+alice-:alice:5001:5001:/home/e-smith/files/users/alice:-::
=bob:bob:5002:5002:/home/e-smith/files/users/bob:::
+bob-:bob:5002:5002:/home/e-smith/files/users/bob:-::
=abuse:admin:101:101:/home/e-smith:::
+abuse-:admin:101:101:/home/e-smith:-::
=alice.smith:alice:5001:5001:/home/e-smith/files/users/alice:::
+alice.smith-:alice:5001:5001:/home/e-smith/files/users/alice:-::
=boss:alice:5001:5001:/home/e-smith/files/users/alice:::
+boss-:alice:5001:5001:/home/e-smith/files/users/alice:-::
=everyone:alias:400:401:/var/qmail/alias:-:shared:
+everyone-:alias:400:401:/var/qmail/alias:-:shared-:
=mailer-daemon:admin:101:101:/home/e-smith:::
+mailer-daemon-:admin:101:101:/home/e-smith:-::
=postmaster:admin:101:101:/home/e-smith:::
+postmaster-:admin:101:101:/home/e-smith:-::
=team:alias:400:401:/var/qmail/alias:-:sales.eu:
+team-:alias:400:401:/var/qmail/alias:-:sales.eu-:
=interns:alias:400:401:/var/qmail/alias:-:interns:
+interns-:alias:400:401:/var/qmail/alias:-:interns-:
=sales.eu:alias:400:401:/var/qmail/alias:-:sales.eu:
+sales.eu-:alias:400:401:/var/qmail/alias:-:sales.eu-:
.' 'users/assign: pseudonyms are followed, no blank line, a dot at its end'
is "$(says /var/qmail/control/virtualdomains)" \
	'example.org:alias-localdelivery
other.example:alias-localdelivery
info@other.example:bob' 'virtualdomains'
is "$(cat "$root/var/qmail/control/doublebounceto")" postmaster \
	'doublebounceto is the pseudonym of admin (effects.md 15)'
is "$(stat -c %a "$root$home/alice/.qmail")" 644 'mode of .qmail'
is "$(stat -c %a "$root$alias")" 2755 'mode of the alias folder'

# Settings of users: only that user's file, by the event with its name.
"$SMEMAIL" set user.forward-address me@home.example --for alice >/dev/null 2>&1
"$SMEMAIL" set user.forward both --for alice >/dev/null 2>&1
is "$(files_changed)" "$home/alice/.qmail
$names" 'forwarding changes one file of qmail'
run "$SMEMAIL" plan
expect_out_like '^  user-modify alice' 'by the event of that user'
applied 'forwarding'
is "$(says $home/alice/.qmail | tail -n 2)" '&me@home.example
./Maildir/' 'both: forwarded and kept'
"$SMEMAIL" set user.forward forward --for alice >/dev/null 2>&1
applied 'forwarding away'
check_not 'forwarded: nothing is kept' grep -q '^./Maildir' \
	"$root$home/alice/.qmail"
"$SMEMAIL" unset user.forward-address --for alice >/dev/null 2>&1
applied 'forwarding to nowhere'
check 'mail that nobody is to forward is kept' grep -q '^./Maildir/$' \
	"$root$home/alice/.qmail"
echo 'by hand' >>"$root$home/bob/.qmail"
"$SMEMAIL" signal-event user-modify alice
check 'the event of one user leaves the files of others alone' \
	grep -q 'by hand' "$root$home/bob/.qmail"
"$SMEMAIL" signal-event user-modify bob
check_not 'that of the other does not' \
	grep -q 'by hand' "$root$home/bob/.qmail"

"$SMEMAIL" set spam.user-sort disabled --for bob >/dev/null 2>&1
is "$(files_changed)" "$home/bob/.qmail
/var/service/qpsmtpd/config/sortspam" 'sorting of one user'
applied 'sorting'
check 'said in these words' grep -qx '# sortspam disabled' \
	"$root$home/bob/.qmail"
"$SMEMAIL" set user.everyone-email no --for bob >/dev/null 2>&1
is "$(files_changed)" "$alias/.qmail-shared
$names" 'mail to everybody'
applied 'mail to everybody'
check_not 'not to bob' grep -q bob "$root$alias/.qmail-shared"
"$SMEMAIL" set group.exclude-groups interns --for sales.eu >/dev/null 2>&1
is "$(files_changed)" "$alias/.qmail-sales:eu
$names" \
	'group.exclude-groups: one alias'
applied 'group.exclude-groups'
is "$(says "$alias/.qmail-sales:eu")" '&alice' \
	'members of the other group are left out'
"$SMEMAIL" set group.exclude-users alice --for sales.eu >/dev/null 2>&1
applied 'group.exclude-users'
is "$(says "$alias/.qmail-sales:eu")" '' 'and single users'

# A group that is gone takes its alias along; one made by hand stays.
echo '&me@home.example' >"$root$alias/.qmail-handmade"
db accounts delete interns
run "$SMEMAIL" plan
expect_out_like '^  /var/qmail/alias/.qmail-interns$' \
	'the alias of a group that is gone'
"$SMEMAIL" signal-event group-delete interns
check_not 'goes with it' test -e "$root$alias/.qmail-interns"
check_not 'and its link' test -L "$root$alias/.qmail-interns-default"
check 'one made by hand stays' test -s "$root$alias/.qmail-handmade"
rm "$root$alias/.qmail-handmade"
db accounts set interns group Members bob
"$SMEMAIL" signal-event group-create interns
check 'and it comes back' test -L "$root$alias/.qmail-interns-default"

# Names that lead elsewhere, or stand for two fields.
db accounts set ../../evil user EmailForward local
db accounts set 'a:b' user EmailForward local
run "$SMEMAIL" plan
expect_out_lacks '^  /.*(evil|a:b)' 'such a name makes no path'
"$SMEMAIL" signal-event email-update
check_not 'nor a file' test -e "$root/home/evil"
check_not 'nor an owner of mail' grep -q 'evil\|=a:b' \
	"$root/var/qmail/users/assign"
db accounts delete ../../evil
db accounts delete 'a:b'

# Fragments of the user's own roots, and of the template for groups.
custom=$root/etc/e-smith/templates-user-custom/.qmail
mkdir -p "$custom" "$root/etc/e-smith/templates-custom$alias/.qmail-group"
# shellcheck disable=SC2016 # of perl
echo '{ "# for $USERNAME" }' >"$custom/05hello"
echo '&archive' >"$root/etc/e-smith/templates-custom$alias/.qmail-group/90all"
if perl -MText::Template -e 1 2>/dev/null; then
	applied 'custom fragments'
	check 'of a user, who is told by $USERNAME' grep -qx '# for bob' \
		"$root$home/bob/.qmail"
	check 'for each of them' grep -qx '# for alice' "$root$home/alice/.qmail"
	check 'of groups' grep -qx '&archive' "$root$alias/.qmail-interns"
else
	skip 'custom fragments of users' 'Text::Template is not installed'
fi
rm -r "$custom" "$root/etc/e-smith/templates-custom$alias"

# The domain: each file that tells it (system.domain-name).
"$SMEMAIL" set system.domain-name newname.example >/dev/null 2>&1
applied 'system.domain-name'
for name in me defaulthost defaultdomain bouncehost doublebouncehost \
	envnoathost plusdomain helohost; do
	is "$(cat "$root/var/qmail/control/$name")" newname.example \
		"control/$name has the new domain"
done
is "$(says /var/service/qpsmtpd/config/smtpgreeting)" mail.newname.example \
	'so does the greeting'

# Releases: what is there, and under which names.
lay_out 9.1
peers=/var/service/qpsmtpd/config/peers
check '9.1: patterns have a file of their own' \
	test -e "$root/var/service/qpsmtpd/config/badrcptto_patterns"
check '9.1: badrcptto is of qmail' test -e "$root/var/qmail/control/badrcptto"
check_not '9.1: no zones of URIs' \
	test -e "$root/var/service/qpsmtpd/config/uribl_zones"
check '9.1: the old names' grep -q '^check_relay' "$root$peers/0"
check_not '9.1: no systemd' test -e "$root/usr/lib/systemd"
run "$SMEMAIL" set filter.karma enabled
expect_status 2 '9.1: what came later is refused'
expect_err_like 'is not on this release' '9.1: and why'
run "$SMEMAIL" list
expect_out_lacks '^filter\.karma' '9.1: and not listed'
mkdir -p "$root/etc/e-smith/templates-custom$peers/0"
echo '# no headers' \
	>"$root/etc/e-smith/templates-custom$peers/0/17headers"
run "$SMEMAIL" expand-template $peers/0
expect_err_like "replaces '17check_basicheaders'" \
	'EF-7: a fragment of the later name is taken, with a warning'
check_not 'and replaces' grep -q '^check_basicheaders' "$root$peers/0"

lay_out 10
mkdir -p "$root/etc/e-smith/templates-custom$peers/0"
echo '# no headers' \
	>"$root/etc/e-smith/templates-custom$peers/0/17check_basicheaders"
run "$SMEMAIL" expand-template $peers/0
expect_err_like "replaces '17headers'" 'EF-7: and one of the old name'
run "$SMEMAIL" set auth.smtp-scope public
expect_status 2 '10: what only release 11 has is refused'
run "$SMEMAIL" set filter.max-date-offset 30
expect_status 2 '10: what ended with 9.1 is refused'

lay_out 11
run "$SMEMAIL" rehearse --no-dns --port 587 --from-ip 203.0.113.5 \
	--helo c.example --mail-from a@out.example --rcpt admin@example.org
expect_out_like '^answer   530 5.7.0 log in first, but login is open to the local networks only$' \
	'11, FL-83: port 587 tells a stranger that he cannot log in'
expect_out_like '^setting  auth.smtp-scope$' '11: and the setting behind it is named'
run "$SMEMAIL" set submission.access public
expect_err_like '^! port 587 is open to everyone, but strangers can log in there only with auth.smtp-scope public$' \
	'11: and opening it for everyone tells what is needed'
run "$SMEMAIL" describe submission.access
expect_out_like 'only with auth.smtp-scope' '11: as its description does'
run "$SMEMAIL" set auth.smtp-scope public --accept exposes-passwords
is "$(grep -c '^!.*port 587' "$err")" 0 '11: which is told no more once done'
run "$SMEMAIL" apply
run "$SMEMAIL" rehearse --no-dns --port 587 --from-ip 203.0.113.5 \
	--helo c.example --mail-from a@out.example --rcpt admin@example.org
expect_out_like '^answer   530 5.7.0 say STARTTLS and log in first$' \
	'11, FL-79: then he can'
check '11: the queue is that of Postfix' test -e "$root/etc/postfix/main.cf"
for name in rcpthosts smtproutes; do
	check "11: $name is in the filter's folder" \
		test -e "$root/var/service/qpsmtpd/config/$name"
	check_not "11: and not in qmail's" test -e "$root/var/qmail/control/$name"
done
check_not '11: none of qmail-send' \
	test -e "$root/var/qmail/control/concurrencyremote"
check_not '11: nor users/assign' test -e "$root/var/qmail/users/assign"
unit=/usr/lib/systemd/system/sqpsmtpd.service.d/50koozali.conf
is "$(says $unit)" '[Service]
MemoryLimit=150M
Environment=INSTANCES=10
Environment=INSTANCES_PER_IP=5
Environment=PATH=/var/qmail/bin:/bin:/usr/bin:/usr/local/bin
Environment=PORT=2465
Environment=TCPLOCALHOST=mail.example.org' '11: limits are those of systemd'
"$SMEMAIL" set smtps.instances 25 >/dev/null 2>&1
is "$(files_changed)" "$unit
/var/service/sqpsmtpd/runenv" '11: a limit changes both'
run "$SMEMAIL" set delivery.smarthost-auth enabled
expect_status 2 "11: qmail's login to a provider is refused"
expect_err_like 'until SME 10' '11: and why'

done_testing
