#!/bin/sh
# apply on a live server: its own signal-event is run, once an event, with its
# arguments. The server is played in a mount namespace of this test's own.
. "${0%/*}/lib.sh"

if [ -z "${SMEMAIL_TEST_INSIDE:-}" ]; then
	[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
	[ ! -e /sbin/e-smith ] || skip_all 'this is a live server'
	mkdir "$tmp/up" "$tmp/work"
	# what is laid over /usr must not be an overlay itself: use memory
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --make-rprivate / &&
		mount -t tmpfs tmpfs "$1/up" && mkdir "$1/up/u" "$1/up/w" &&
		mount -t overlay overlay -o \
		"lowerdir=/usr/sbin,upperdir=$1/up/u,workdir=$1/up/w" /usr/sbin &&
		mount -t tmpfs tmpfs /var && mount -t tmpfs tmpfs /home' \
		- "$tmp" >/dev/null 2>&1 ||
		skip_all 'no mount namespace may be made here'
	SMEMAIL_TEST_INSIDE=$tmp
	export SMEMAIL_TEST_INSIDE
	unshare -m sh "$0"
	exit
fi

outer=$SMEMAIL_TEST_INSIDE
mount --make-rprivate /
mount -t tmpfs tmpfs "$outer/up"
mkdir "$outer/up/u" "$outer/up/w"
# a build below a folder that is covered is copied where it can be seen
cp "$SMEMAIL" "$outer/up/smemail"
SMEMAIL=$outer/up/smemail
mount -t overlay overlay \
	-o "lowerdir=/usr/sbin,upperdir=$outer/up/u,workdir=$outer/up/w" /usr/sbin
mount -t tmpfs tmpfs /home
mount -t tmpfs tmpfs /var
mkdir -p /usr/sbin/e-smith /home/e-smith/db /var/lock /var/tmp
called=$outer/up/called
: >/usr/sbin/e-smith/db
cat >/usr/sbin/e-smith/signal-event <<END
#!/bin/sh
printf '%s\n' "\$*" >>$called
echo 'words of the event'
exit \$(cat $outer/up/exit)
END
chmod 755 /usr/sbin/e-smith/signal-event
echo 0 >"$outer/up/exit"
{
	echo 'DomainName=example.test'
	echo 'SystemName=mail'
	echo 'sysconfig=configuration|ReleaseVersion|10.1'
	echo 'smtpd=service|TCPPort|25|status|enabled'
	echo 'qpsmtpd=service|status|enabled'
} >/home/e-smith/db/configuration
echo 'anna=user|PasswordSet|yes' >/home/e-smith/db/accounts

run "$SMEMAIL" plan
expect_out 'nothing to apply' 'a server as it stands'
"$SMEMAIL" set smtp.instances-per-ip 7 >/dev/null 2>&1
"$SMEMAIL" set user.forward forward --for anna >/dev/null 2>&1
run "$SMEMAIL" plan --exit-code
expect_status 3 'plan'
expect_out_like "as the server's own templates make them" 'plan: the files'
expect_out_like '^  email-update' 'plan: an event'
expect_out_like '^  user-modify anna' 'plan: one with an argument'
check_not 'plan runs no event' test -e "$called"

echo 3 >"$outer/up/exit"
run "$SMEMAIL" apply
expect_status 100 'an event that fails'
expect_err_like "event 'email-update' failed: words of the event" \
	'an event that fails: told with its words'
expect_out_like '^FAIL +event' 'an event that fails: the step'
run "$SMEMAIL" plan --exit-code
expect_status 3 'what failed still waits'

rm -f "$called"
echo 0 >"$outer/up/exit"
run "$SMEMAIL" apply
expect_status 0 'apply'
expect_out_like '^change 1 applied$' 'apply: change 1'
is "$(LC_ALL=C sort "$called")" 'email-update
user-modify anna' "each event is run once, by the server's own program"
is "$(find /var/service /var/qmail 2>/dev/null)" '' \
	'no file is written past the server'
run "$SMEMAIL" plan --exit-code
expect_status 0 'nothing waits afterwards'
run "$SMEMAIL" up
expect_status 2 "a server's services are not ours to start"
run "$SMEMAIL" signal-event ip-change
expect_status 0 'signal-event'
is "$(tail -n 1 "$called")" ip-change "goes to the server's own program"

done_testing
