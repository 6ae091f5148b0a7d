#!/bin/sh
# up, services and down, as root and as an ordinary user; reloading; a port in
# use; nothing left behind.
. "${0%/*}/lib.sh"

for needed in runsvdir sv svlogd python3; do
	command -v "$needed" >/dev/null || skip_all "$needed is not installed"
done
export SMEMAIL_FILTERD="$FILTERD"
chmod 755 "$tmp"

# HELLO from a stranger; prints the codes of MAIL, RCPT and, if taken, DATA.
cat >"$tmp/send.py" <<'END'
import smtplib, sys
port, sender, rcpt = int(sys.argv[1]), sys.argv[2], sys.argv[3]
s = smtplib.SMTP("127.0.0.1", port, "client.test", 20, ("127.1.2.3", 0))
s.ehlo()
codes = [s.mail(sender)[0]]
if codes[-1] == 250:
    codes.append(s.rcpt(rcpt)[0])
if codes[-1] == 250:
    codes.append(s.data("From: <%s>\r\nDate: Sun, 22 Nov 2026 07:00:00 +0000"
                        "\r\n\r\nhello\r\n" % sender)[0])
s.quit()
print(*codes)
END

send() {
	python3 "$tmp/send.py" "$port" "$@" 2>&1
}

# shellcheck disable=SC2317 # wait_until calls it
sends() { # WANTED SENDER RCPT
	[ "$(send "$2" "$3")" = "$1" ]
}

# shellcheck disable=SC2317 # wait_until calls it
holds() { # MAILDIR COUNT
	[ "$(find "$1/new" -type f | wc -l)" -eq "$2" ]
}

# Processes whose command line names the root.
left_behind() {
	printf '%s/\n' "$1" >"$tmp/pattern"
	grep -alFf "$tmp/pattern" /proc/[0-9]*/cmdline 2>/dev/null
}

# A process and all below it.
family() {
	printf '%s\n' "$1"
	for child in $(ps -o pid= --ppid "$1"); do
		family "$child"
	done
}

# A port base whose SMTP port is free just now.
new_base() {
	port=$(free_port)
	base=$((port - 525))
}

tour() { # AS...
	as=$1
	root=$tmp/$as
	shift
	mkdir "$root"
	[ "$as" = root ] || chown 65534:65534 "$root"
	new_base
	at_end "$* $SMEMAIL --root $root down >/dev/null 2>&1"
	run "$@" "$SMEMAIL" --root "$root" init --user anna --port-base "$base"
	expect_status 0 "$as: init"

	run "$@" "$SMEMAIL" --root "$root" service status qpsmtpd
	expect_status 1 "$as: not up yet"
	run "$@" "$SMEMAIL" --root "$root" service reload qpsmtpd
	expect_status 1 "$as: what does not run cannot be reloaded"
	run "$@" "$SMEMAIL" --root "$root" down
	expect_out 'down already' "$as: down is fine without up"

	run "$@" "$SMEMAIL" --root "$root" up
	expect_status 0 "$as: up"
	expect_out_like "^ok +qpsmtpd +127.0.0.1:$port" "$as: the port is told"
	run "$@" "$SMEMAIL" --root "$root" up
	expect_out_like '^up already$' "$as: up again"
	run "$@" "$SMEMAIL" --root "$root" service status
	expect_status 0 "$as: the service runs"
	expect_out_like "^qpsmtpd +ok .* 127.0.0.1:$port" "$as: state and port"
	run "$@" "$SMEMAIL" --root "$root" --json service list
	check "$as: service list --json" python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
r = {x["name"]: x for x in j["rows"]}["qpsmtpd"]
assert j["schema"] == "smemail.service.list/1", j
assert r["state"] == "ok" and r["pid"] > 0, r
smtp, smtps = r["listens"].removeprefix("127.0.0.1:").split(",")
assert smtp == sys.argv[2] and int(smtps) > 0, r
' "$out" "$port"

	is "$(send paul@sender.test anna@example.test)" '250 250 250' \
		"$as: a message is taken"
	check "$as: it is in the Maildir" wait_until 30 holds \
		"$root/home/e-smith/files/users/anna/Maildir" 1
	run "$@" "$SMEMAIL" --root "$root" why paul@sender.test
	expect_out_like '^delivered today [0-9:]+ to Maildir of anna$' \
		"$as: why tells the mailbox"
	is "$(send paul@sender.test postmaster@example.test)" '250 250 250' \
		"$as: so is one to postmaster"
	check "$as: it is in the mailbox of admin" wait_until 30 holds \
		"$root/home/e-smith/Maildir" 1
	is "$(send paul@sender.test x@elsewhere.test)" '250 550' \
		"$as: a stranger may not relay"

	pid=$(supervised_pid)
	"$@" "$SMEMAIL" --root "$root" set lists.badmailfrom Black \
		--for @sender.test >/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_status 0 "$as: apply while it runs"
	expect_out_like '^ok +service +qpsmtpd reload' "$as: it is reloaded"
	expect_out_like "^ok +verify +qpsmtpd up, port $port answers" \
		"$as: and answers"
	is "$(send paul@sender.test anna@example.test)" 550 \
		"$as: the new list is in force at once"
	is "$(supervised_pid)" "$pid" "$as: in the same process"
	"$@" "$SMEMAIL" --root "$root" unset lists.badmailfrom \
		--for @sender.test >/dev/null 2>&1
	"$@" "$SMEMAIL" --root "$root" set delivery.unknown-user admin \
		>/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_status 0 "$as: a plugin goes"
	is "$(send paul@sender.test nobody@example.test)" '250 250 250' \
		"$as: the lists of plugins were read anew"
	check "$as: admin has what nobody else has" wait_until 30 holds \
		"$root/home/e-smith/Maildir" 2
	check_not "$as: and no mailbox was made for it" \
		test -e "$root/home/e-smith/files/users/nobody"

	plugins=$root/var/service/qpsmtpd/config/plugins
	run "$@" "$SMEMAIL" --root "$root" service reload qpsmtpd
	expect_status 0 "$as: reload"
	echo frobnicate >>"$plugins"
	run "$@" "$SMEMAIL" --root "$root" service reload qpsmtpd
	expect_status 100 "$as: a bad list of plugins is refused at a reload"
	expect_err_like "refused its configuration: .*unknown plugin 'frob" \
		"$as: and that is told"
	sends '250 550' paul@sender.test x@elsewhere.test
	run "$@" "$SMEMAIL" --root "$root" status
	expect_out_like "WARN configuration: .*unknown plugin 'frob" \
		"$as: status tells that the one before is in force"
	run "$@" "$SMEMAIL" --root "$root" service restart qpsmtpd
	expect_status 100 "$as: nothing is restarted with it"
	expect_err_like "^smemail: cannot restart 'qpsmtpd': config/plugins line" \
		"$as: and why"
	is "$(supervised_pid)" "$pid" "$as: what runs goes on"
	sed -i '$d' "$plugins"
	run "$@" "$SMEMAIL" --root "$root" service reload qpsmtpd
	run "$@" "$SMEMAIL" --root "$root" status
	expect_out_lacks 'configuration' "$as: and that it is over"

	check "$as: a session outlives a restart" python3 -c '
import smtplib, subprocess, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=60) as peer:
    peer.ehlo("client.example")
    before = peer.mail("paul@sender.test")[0]
    done = subprocess.run(sys.argv[2:])
    after = peer.rcpt("anna@example.test")[0]
assert (before, done.returncode, after) == (250, 0, 250), (done, after)
' "$port" "$@" "$SMEMAIL" --root "$root" service restart qpsmtpd
	is "$(supervised_pid)" "$pid" "$as: the process is the same"
	check "$as: its parts are others" grep -q "started anew" \
		"$root/var/log/qpsmtpd/current"
	run "$@" "$SMEMAIL" --root "$root" service stop qpsmtpd
	expect_status 0 "$as: stop"
	expect_out_like '^qpsmtpd +down \(stopped\)' "$as: it is stopped"
	run "$@" "$SMEMAIL" --root "$root" top --once
	expect_out_like '^filter +qpsmtpd does not run; see: ' \
		"$as: top tells so"
	run "$@" "$SMEMAIL" --root "$root" service start qpsmtpd
	expect_status 0 "$as: start"
	check "$as: it takes mail again" wait_until 30 \
		sends '250 250 250' paul@sender.test anna@example.test

	run "$@" sv -w 60 restart "$root/service/qpsmtpd"
	expect_out_like '^ok: run: ' "$as: restarted by runit's sv"
	is "$(send paul@sender.test anna@example.test)" '250 250 250' \
		"$as: by check it waits until mail is taken"

	"$@" "$SMEMAIL" --root "$root" service stop qpsmtpd >/dev/null 2>&1
	"$@" "$SMEMAIL" --root "$root" set smtp.workers 2 >/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_status 0 "$as: what is stopped by hand starts at an apply"

	old=$port
	new_base
	"$@" "$SMEMAIL" --root "$root" set smtp.port "$port" >/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_out_like '^ok +service +qpsmtpd restart' "$as: a port restarts it"
	check "$as: the new port answers" wait_until 30 \
		sends '250 250 250' paul@sender.test anna@example.test
	check_not "$as: the old one does not" python3 -c "
import socket
socket.create_connection(('127.0.0.1', $old), 5)"
	"$@" "$SMEMAIL" --root "$root" set --yes smtp.status disabled >/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_out_like '^ok +service +qpsmtpd stop' "$as: switched off"
	run "$@" "$SMEMAIL" --root "$root" service status qpsmtpd
	expect_out_like '^qpsmtpd +off \(disabled\)' "$as: and shown so"
	run "$@" "$SMEMAIL" --root "$root" service start qpsmtpd
	expect_status 2 "$as: what is switched off is not started"
	"$@" "$SMEMAIL" --root "$root" set smtp.status enabled >/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_out_like '^ok +service +qpsmtpd start' "$as: and on again"

	"$@" "$SMEMAIL" --root "$root" set smtp.workers 3 >/dev/null 2>&1
	run "$@" "$SMEMAIL" --root "$root" apply
	expect_out_like '^ok +service +qpsmtpd restart' \
		"$as: another number of workers is a restart"
	check "$as: and takes mail again" wait_until 30 \
		sends '250 250 250' paul@sender.test anna@example.test
	check "$as: labels in the log are TAI64N" grep -Eq '^@[0-9a-f]{24} ' \
		"$root/var/log/qpsmtpd/current"
	all=$(family "$(cat "$root/var/run/runsvdir.pid")")
	is "$(printf '%s\n' "$all" | wc -l)" $((10 + 3)) \
		"$as: supervisors, logger and the parts of the daemon"
	run "$@" "$SMEMAIL" --root "$root" down
	expect_status 0 "$as: down"
	expect_out down "$as: down tells so"
	is "$(left_behind "$root")" '' "$as: no process is left behind"
	for gone in $all; do
		# one that ended may wait for init to ask how
		case $(ps -o stat= -p "$gone") in
		'' | Z*) ;;
		*) fail "$as: process $gone still runs" ;;
		esac
	done
	check_not "$as: nothing listens" python3 -c "
import socket
socket.create_connection(('127.0.0.1', $port), 5)"
}

supervised_pid() {
	"$SMEMAIL" --root "$root" --json service list | python3 -c '
import json, sys
print(json.load(sys.stdin)["rows"][0]["pid"])'
}

if [ "$(id -u)" -eq 0 ]; then
	tour root env
	if command -v setpriv >/dev/null; then
		tour nobody setpriv --reuid 65534 --regid 65534 --clear-groups \
			env HOME=/ LOGNAME=nobody
	fi
else
	tour self env
fi

# somebody else has the port
root=$tmp/taken
new_base
python3 -c "
import socket, time
s = socket.socket()
s.bind(('127.0.0.1', $port))
s.listen()
open('$tmp/listening', 'w').close()
time.sleep(300)" &
holder=$!
at_end "kill $holder 2>/dev/null"
wait_until 30 test -e "$tmp/listening"
"$SMEMAIL" --root "$root" init --port-base "$base" >/dev/null 2>&1
run "$SMEMAIL" --root "$root" up
expect_status 100 'a port in use'
expect_err_like "cannot listen on '127.0.0.1:$port': address already in use" \
	'a port in use: told'
expect_err_like '^next: end the program there, or: smemail ' \
	'a port in use: what to do'
is "$(left_behind "$root")" '' 'a port in use: nothing was started'
kill "$holder"
wait "$holder" 2>/dev/null

# a program that cannot run: its last words, and nothing left
run env SMEMAIL_FILTERD=/nowhere/smemail-filterd "$SMEMAIL" --root "$root" up
expect_status 100 'no daemon to run'
expect_err_like "cannot find the program 'smemail-filterd'" 'no daemon: told'
run env PATH=/nowhere "$SMEMAIL" --root "$root" up
expect_status 100 'no supervisor to run'
expect_err_like "cannot run 'runsvdir'" 'no supervisor: told'

run "$SMEMAIL" --root "$root" service status nosuch
expect_status 2 'a service that is not there'
expect_err_like "there is no service 'nosuch'" 'a service that is not there: told'
run "$SMEMAIL" --root "$tmp" up
expect_status 2 'up on a folder that is no root'

done_testing
