#!/bin/sh
# apply on a live server: its own signal-event is run, once an event, with its
# arguments, and its own expand-template tells what its files will be. The
# server is played in a mount namespace of this test's own.
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
		mkdir "$1/up/e" "$1/up/f" && mount -t overlay overlay -o \
		"lowerdir=/etc,upperdir=$1/up/e,workdir=$1/up/f" /etc &&
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
mkdir "$outer/up/e" "$outer/up/f"
mount -t overlay overlay \
	-o "lowerdir=/etc,upperdir=$outer/up/e,workdir=$outer/up/f" /etc
mount -t tmpfs tmpfs /home
mount -t tmpfs tmpfs /var
mkdir -p /usr/sbin/e-smith /home/e-smith/db /var/lock /var/tmp
called=$outer/up/called
: >/usr/sbin/e-smith/db
chmod 755 /usr/sbin/e-smith/db
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
	echo 'qmail=service|status|enabled'
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

# From here on the server has templates and the program that expands them. It
# makes a file of one line, what the database says of the property in the
# template; an event expands the files that are listed for it.
cat >/usr/sbin/e-smith/expand-template <<END
#!/bin/sh
printf 'expand-template %s\\n' "\$*" >>$called
output=
case "\$1" in --output_filename=*) output=\${1#*=}; shift;; esac
template=/etc/e-smith/templates\$1
if grep -q broken "\$template" 2>/dev/null; then
	echo "ERROR in \$template: words of the template" >&2
	exit 0
fi
prop=\$(cat "\$template")
sed -n "s/.*|\$prop|\([^|]*\).*/\$prop=\1/p" \\
	/home/e-smith/db/configuration >"\${output:-\$1}"
END
cat >/usr/sbin/e-smith/signal-event <<END
#!/bin/sh
printf '%s\\n' "\$*" >>$called
for path in \$(cat $outer/up/expands); do
	/sbin/e-smith/expand-template "\$path"
done
exit \$(cat $outer/up/exit)
END
mkdir "$outer/up/bin"
cat >"$outer/up/bin/systemctl" <<END
#!/bin/sh
printf 'systemctl %s\\n' "\$*" >>$called
END
chmod 755 /usr/sbin/e-smith/expand-template "$outer/up/bin/systemctl"
PATH=$outer/up/bin:$PATH
export PATH
run_env=/var/service/qpsmtpd/runenv
templates=/etc/e-smith/templates
mkdir -p "$templates${run_env%/*}" "$templates/var/qmail/control" \
	"${run_env%/*}" /var/qmail/control /etc/systemd/system
echo InstancesPerIP >"$templates$run_env"
echo ConcurrencyRemote >"$templates/var/qmail/control/concurrencyremote"
echo InstancesPerIP=7 >"$run_env"
: >/etc/systemd/system/qpsmtpd.service
: >/etc/systemd/system/qmail.service
: >"$outer/up/expands"

run "$SMEMAIL" status
expect_out_like '^engine +a server of its own: /sbin/e-smith/expand-template, /sbin/e-smith/signal-event$' \
	'status: whose programs do the work'
run "$SMEMAIL" status --json
check 'status: JSON tells it too' python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not (d["engine"]["live"] and
    [p["there"] for p in d["engine"]["programs"]] == [True, True]))' "$out"

"$SMEMAIL" set smtp.instances-per-ip 9 >/dev/null 2>&1
rm -f "$called"
run "$SMEMAIL" plan
expect_status 0 'plan with the templates of the server'
expect_out_like "^  $run_env\$" 'plan: the file'
expect_out_like '^  -InstancesPerIP=7$' 'plan: what is there'
expect_out_like '^  \+InstancesPerIP=9$' 'plan: what its own program makes'
is "$(cat "$run_env")" InstancesPerIP=7 'plan: the file is left alone'
check_not 'plan runs no event' grep -q email-update "$called"
expect_out_like 'restarts .*qpsmtpd' \
	'plan: a restart, where the event only reloads (effects.md 13)'
run "$SMEMAIL" diff
expect_out_like '^\+InstancesPerIP=9$' 'diff shows it too'

rm -f "$called"
run "$SMEMAIL" apply
expect_status 0 'apply'
is "$(cat "$run_env")" InstancesPerIP=9 \
	'a file that the event leaves alone is expanded all the same'
check "expanded by the server's own program" \
	grep -qx "expand-template $run_env" "$called"
check 'systemd is told (ES-129)' \
	grep -qx 'systemctl restart qpsmtpd.service' "$called"
is "$(grep -c '^email-update' "$called")" 1 'the event is run once'
is "$(grep -E '^(email-update|systemctl)' "$called")" 'email-update
systemctl restart qpsmtpd.service' 'in this order'

echo "$run_env" >"$outer/up/expands"
rm -f "$called"
"$SMEMAIL" set smtp.instances-per-ip 11 >/dev/null 2>&1
run "$SMEMAIL" apply
expect_status 0 'apply, with an event that expands'
is "$(grep -cx "expand-template $run_env" "$called")" 1 \
	'what the event expanded is not expanded again'

run "$SMEMAIL" undo
expect_status 0 'undo'
is "$(cat "$run_env")" InstancesPerIP=9 'undo: the file of before'
check 'undo: the record of before' \
	grep -q 'InstancesPerIP|9' /home/e-smith/db/configuration

rm -f "$called"
"$SMEMAIL" set delivery.concurrency-remote 5 >/dev/null 2>&1
run "$SMEMAIL" plan
expect_out_like 'restarts .*qmail' 'qmail reads it at its start alone'
run "$SMEMAIL" apply
expect_status 0 'apply for qmail'
check 'qmail is restarted' \
	grep -qx 'systemctl restart qmail.service' "$called"
is "$(cat /var/qmail/control/concurrencyremote)" ConcurrencyRemote=5 \
	'with its file made'

rm -f "$called"
"$SMEMAIL" set logs.keep-qmail 20 >/dev/null 2>&1
run "$SMEMAIL" plan
expect_out_like 'without an event +restarts qmail/log' \
	'a setting without an event: its service alone'
run "$SMEMAIL" apply
expect_status 0 'apply for the logger'
check_not 'no event is run' grep -q email-update "$called"

run "$SMEMAIL" expand-template "$run_env"
expect_status 0 'expand-template'
is "$(tail -n 1 "$called")" "expand-template $run_env" \
	"goes to the server's own program"
run "$SMEMAIL" event run ip-change 192.0.2.1
expect_status 0 'event run'
check "runs the server's own program" grep -qx 'ip-change 192.0.2.1' "$called"

# Trouble.
cp "$templates$run_env" "$outer/up/kept"
echo broken >"$templates$run_env"
"$SMEMAIL" set smtp.instances-per-ip 12 >/dev/null 2>&1
rm -f "$called"
run "$SMEMAIL" apply
expect_status 100 'a template that does not expand'
expect_err_like "template of '$run_env' does not expand: .*words of the template" \
	'told with its words'
is "$(cat "$run_env")" InstancesPerIP=9 'the file is left alone'
check_not 'no event is run' grep -q email-update "$called"
cp "$outer/up/kept" "$templates$run_env"

chmod 644 /usr/sbin/e-smith/signal-event
run "$SMEMAIL" apply
expect_status 100 'signal-event cannot be run'
expect_err_like "cannot run '/sbin/e-smith/signal-event'" 'told'
expect_err_like 'next: install the package e-smith-lib again' 'what to do'
run "$SMEMAIL" status
expect_status 1 'status: a program is missing'
expect_out_like "^findings +FAIL engine: '/sbin/e-smith/signal-event' is missing\$" \
	'status tells'
expect_out_like 'signal-event \(missing\)' 'status: which'
chmod 755 /usr/sbin/e-smith/signal-event

rm /usr/sbin/e-smith/expand-template
run "$SMEMAIL" plan
expect_status 0 'plan without expand-template'
expect_out_like "as the server's own templates make them" 'names no file'
: >"$outer/up/expands"
run "$SMEMAIL" apply
expect_status 0 'apply without it: the event does the work'

done_testing
