#!/bin/sh
# apply --confirm: the change stays when it is confirmed in time, and is taken
# back when it is not: also without its terminal, its watcher, or its boot.
. "${0%/*}/lib.sh"

export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
greeting=$SMEMAIL_ROOT/var/service/qpsmtpd/config/smtpgreeting
state=$SMEMAIL_ROOT/var/lib/smemail
"$SMEMAIL" --root "$SMEMAIL_ROOT" init >/dev/null 2>&1 ||
	skip_all 'init does not work'

quietly() {
	"$SMEMAIL" "$@" >/dev/null 2>&1
}
says() {
	[ "$(cat "$greeting")" = "$1" ]
}
watcher() { # prints its pid: who holds the lock open
	find /proc/[0-9]*/fd -lname "$state/confirm.lock" 2>/dev/null |
		sed -n 's,/proc/\([0-9]*\)/.*,\1,p'
}
unwatched() {
	[ -z "$(watcher)" ]
}
kill_watcher() { # and its lock is free
	kill -9 "$(watcher)"
	wait_until 30 unwatched
}
confirmed() {
	[ ! -e "$state/confirm" ]
}
over() { # the time is over, as the file tells it
	sed -i 's/^until .*/until 1000/; s/^mono .*/mono 1/' "$state/confirm"
}

for word in 5 8d 5x -1 '' m 99999999999999999999s; do
	run "$SMEMAIL" apply --confirm "$word"
	expect_status 2 "--confirm '$word' is refused"
done

quietly set smtp.greeting old.test
quietly apply

# confirmed in time
quietly set smtp.greeting new.test
run "$SMEMAIL" apply --confirm 5m
expect_status 0 'apply --confirm'
expect_out_like '^change 2 applied until [0-9]{2}:[0-9]{2}:[0-9]{2}$' 'until when'
expect_err_like '^next: smemail apply --keep 2, else it is undone' 'and how'
check 'it is in force' says new.test
run "$SMEMAIL" plan
expect_err_like '^! change 2 is taken back in (299|300) seconds' 'plan tells'
quietly set spam.tag-level 7
run "$SMEMAIL" apply
expect_status 111 'no other change is applied meanwhile'
expect_err_like 'change 2 waits to be confirmed' 'which is told'
run "$SMEMAIL" undo 1 --force --with-stored
expect_status 111 'nor is another taken back'
run "$SMEMAIL" apply --keep 1
expect_status 1 'another number does not confirm it'
expect_err_like '^next: smemail apply --keep 2$' 'and the right one is told'
pid=$(watcher)
check 'somebody watches' test -n "$pid"
run "$SMEMAIL" apply --keep 2
expect_out 'change 2 stays' 'confirmed'
check 'the watcher ends' wait_until 30 sh -c "! kill -0 $pid 2>/dev/null"
run "$SMEMAIL" apply --keep 2
expect_status 1 'there is nothing more to confirm'
quietly undo --stored

# not confirmed; what was stored meanwhile goes with it
quietly set smtp.greeting gone.test
quietly apply --confirm 5m
quietly set spam.tag-level 8
over
check 'when the time is over the file is that of before' \
	wait_until 30 says new.test
check 'and the state is gone' wait_until 30 confirmed
run "$SMEMAIL" history
expect_out_like '^ +4 .* change 3 was not confirmed: ' 'history tells'
expect_out_like '^ +3 .*taken back by change 4: ' 'of both'
is "$("$SMEMAIL" get --stored spam.tag-level 2>/dev/null)" '' \
	'what was stored after it does not come into force'
run "$SMEMAIL" plan --exit-code
expect_status 0 'nothing waits'
check 'the log tells it too' grep -q \
	'smemail: change 3 was not confirmed in time' \
	"$SMEMAIL_ROOT/var/log/messages"

# the terminal, the session and its processes are gone
quietly set smtp.greeting gone.test
if command -v setsid >/dev/null; then
	setsid sh -c '"$1" apply --confirm 5m >/dev/null 2>&1; kill -HUP 0' \
		- "$SMEMAIL" &
	wait $! 2>/dev/null
	check 'applied from a session that ended' says gone.test
	over
	check 'is taken back all the same' wait_until 30 says new.test
	wait_until 30 confirmed
fi

# the watcher was killed: the next command takes its place
quietly set smtp.greeting gone.test
quietly apply --confirm 5m
kill_watcher
run "$SMEMAIL" status
is_watched() {
	[ -n "$(watcher)" ]
}
check 'a new watcher is at work' wait_until 30 is_watched
over
check 'and does it' wait_until 30 says new.test
wait_until 30 confirmed

# it was killed, and the time is over: the next command does it itself
quietly set smtp.greeting gone.test
quietly apply --confirm 5m
kill_watcher
over
run "$SMEMAIL" get smtp.greeting
expect_err_like 'was not confirmed in time and is taken back' 'the next command'
expect_out new.test 'answers after that'
check 'the file is that of before' says new.test

# the machine was started anew: the wall clock counts, if it can be right
boot() { # UNTIL ARMED
	quietly set smtp.greeting gone.test
	quietly apply --confirm 5m
	kill_watcher
	sed -i "s/^boot .*/boot another/; s/^until .*/until $1/
		s/^armed .*/armed $2/" "$state/confirm"
	run "$SMEMAIL" history
}
now=$(date +%s)
boot $((now + 200)) $((now - 100))
check 'after a restart there is time left' says gone.test
quietly undo
check 'and undo takes it back at once' says new.test
check 'so that nothing waits' confirmed
boot $((now - 5)) $((now - 100))
check 'after a restart the time is over' says new.test
boot $((now + 9000)) $((now + 8000))
check 'a clock that went back tells nothing: it is taken back' says new.test

# a step of the wall clock changes nothing
quietly set smtp.greeting gone.test
quietly apply --confirm 5m
sed -i 's/^until .*/until 1000/; s/^armed .*/armed 9999999999/' "$state/confirm"
run "$SMEMAIL" plan
expect_err_like 'is taken back in [0-9]+ seconds' 'a step of the wall clock'
check 'ends no time' says gone.test
quietly undo

# an apply that fails is taken back as well
mkdir -p "$tmp/kept"
mv "$SMEMAIL_ROOT/var/service/qpsmtpd/config/badhelo" "$tmp/kept"
mkdir "$SMEMAIL_ROOT/var/service/qpsmtpd/config/badhelo"
quietly set lists.badhelo Black --for liar.test
run "$SMEMAIL" apply --confirm 5m
expect_status 100 'an apply that fails'
rmdir "$SMEMAIL_ROOT/var/service/qpsmtpd/config/badhelo"
mv "$tmp/kept/badhelo" "$SMEMAIL_ROOT/var/service/qpsmtpd/config"
check 'leaves nothing to confirm' wait_until 30 confirmed

# hostile bytes in the state
printf 'from 99999999999999999999\nchange x\nuntil \n\xff\xfe' >"$state/confirm"
run "$SMEMAIL" get smtp.greeting
expect_out new.test 'a state of nonsense harms nothing'
rm -f "$state/confirm"
for pid in $(watcher); do
	wait_until 30 sh -c "! kill -0 $pid 2>/dev/null"
done
done_testing
