#!/bin/sh
# signal-event on a tree of its own: handlers, templates, services and what is
# logged of them (ES-120 to ES-128); event list and show.
. "${0%/*}/lib.sh"

export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
"$SMEMAIL" --root "$SMEMAIL_ROOT" init >/dev/null 2>&1 ||
	skip_all 'init does not work'
events=$SMEMAIL_ROOT/etc/e-smith/events
log=$SMEMAIL_ROOT/var/log/messages

# what was logged since the last call, without time, host and pid
logged() {
	tail -n "+$((lines + 1))" "$log" | sed 's/^.* esmith::event\[[0-9]*\]: //' |
		sed 's/|Start|.*|Elapsed|[0-9.]*/|TIMES/'
	lines=$(wc -l <"$log")
}
lines=0

handler() { # EVENT NAME TEXT
	mkdir -p "$events/$1"
	printf '#!/bin/sh\n%s\n' "$3" >"$events/$1/$2"
	chmod 755 "$events/$1/$2"
}

run "$SMEMAIL" signal-event
expect_status 255 'no event'
expect_err_like 'usage: signal-event EVENT' 'no event: usage'
run "$SMEMAIL" signal-event nosuch
expect_status 1 'an unknown event (ES-120)'
expect_err_like "there is no event 'nosuch'" 'an unknown event: told'
run "$SMEMAIL" signal-event actions
expect_status 1 "'actions' is no event (ES-120)"
run "$SMEMAIL" signal-event ../../../tmp
expect_status 1 'a path is no event'
check_not 'none of these is logged' test -s "$log"

handler own S20second 'echo "second $*"; echo trouble >&2; printf "no end"'
handler own S10first 'echo first'
mkdir "$events/own/S15folder"
echo 'not run' >"$events/own/readme"
run "$SMEMAIL" signal-event own a 'b c'
expect_status 0 'an event of the root'
is "$(logged)" 'Processing event: own a b c
Running event handler: /etc/e-smith/events/own/S10first
first
S10first=action|Event|own|Action|S10first|TIMES
Running event handler: /etc/e-smith/events/own/S20second
second own a b c
trouble
no end
S20second=action|Event|own|Action|S20second|TIMES
Skipping non-executable event handler: /etc/e-smith/events/own/readme' \
	'handlers run in order, their lines are logged (ES-121 to ES-124)'

handler own S10first 'exit 3'
run "$SMEMAIL" signal-event own
expect_status 1 'a handler that fails'
logged >"$tmp/lines"
check 'its status is logged raw' grep -q 'S10first|TIMES|Status|768$' \
	"$tmp/lines"
check 'the others run all the same' grep -q '^second own' "$tmp/lines"
check 'a blank follows an event without arguments (ES-121)' \
	grep -q '^Processing event: own $' "$tmp/lines"

# files that the folder names, and services (ES-125 to ES-129)
rm -r "$events/own"
mkdir -p "$events/own/templates2expand/etc" "$events/own/services2adjust" \
	"$SMEMAIL_ROOT/etc/e-smith/templates/etc/mine.conf"
: >"$events/own/templates2expand/etc/mine.conf"
echo 'plain text' >"$SMEMAIL_ROOT/etc/e-smith/templates/etc/mine.conf/10a"
ln -s sighup "$events/own/services2adjust/qpsmtpd"
ln -s restart "$events/own/services2adjust/ghost"
ln -s restart "$events/own/services2adjust/clamd"
run "$SMEMAIL" signal-event own
expect_status 0 'templates and services of the folder'
is "$(grep -v '^#' "$SMEMAIL_ROOT/etc/mine.conf")" 'plain text' \
	'the file is made'
is "$(logged | grep -v '^Running\|=action\|supervisor')" 'Processing event: own 
expanding /etc/mine.conf
adjusting non-supervised clamd (restart)
serviceControl: startScript not found for service clamd
No conf db entry for service ghost
adjusting supervised qpsmtpd (sighup)' 'and what was done is logged'

# one template that fails leaves the others (ES-97)
: >"$events/own/templates2expand/etc/broken.conf"
mkdir "$SMEMAIL_ROOT/etc/e-smith/templates/etc/broken.conf"
echo 'a }' >"$SMEMAIL_ROOT/etc/e-smith/templates/etc/broken.conf/10a"
echo 'other text' >"$SMEMAIL_ROOT/etc/e-smith/templates/etc/mine.conf/10a"
run "$SMEMAIL" signal-event own
check_not 'a template that fails: no file' test -e \
	"$SMEMAIL_ROOT/etc/broken.conf"
check 'a template that fails: logged' grep -q 'ERROR.*broken.conf' "$log"
is "$(grep -v '^#' "$SMEMAIL_ROOT/etc/mine.conf")" 'other text' \
	'the other file is made'

# the native events
lines=$(wc -l <"$log")
"$SMEMAIL" config setprop smtpd Greeting mx.test
run "$SMEMAIL" signal-event email-update
expect_status 0 'email-update'
is "$(cat "$SMEMAIL_ROOT/var/service/qpsmtpd/config/smtpgreeting")" mx.test \
	'expands its files'
run "$SMEMAIL" event list
expect_out_like '^email-update +everything of mail' 'event list: native ones'
expect_out_like '^own +of this root' 'event list: those of the root'
expect_out_lacks '^actions' 'event list: actions is none'
run "$SMEMAIL" event show network-create
expect_out_like '^S05generic_template_expand' 'event show: its steps'
expect_out_like '^  /var/service/qpsmtpd/config/relayclients' 'its files'
expect_out_like '^  qpsmtpd \(sigusr1\)' 'its services'
run "$SMEMAIL" --json event show own
check 'event show --json' python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert j["schema"] == "smemail.event.show/1", j
assert j["files"] == ["/etc/broken.conf", "/etc/mine.conf"], j
assert {s["name"] for s in j["services"]} == {"clamd", "ghost", "qpsmtpd"}, j
' "$out"

done_testing
