#!/bin/sh
# Messages taken per second, durably, beside Postfix and smtp-sink in one run:
#
#     tests/bench/messages.sh [ROUNDS [BURST [SUSTAINED]]]
#
# smtp-source sends messages of 4 KiB in 20 sessions, one message a session, to
# each in turn: ROUNDS (3) times a burst of BURST (5000), then as many times
# SUSTAINED (60000, 0 for none); the medians are compared.
# smemail-filterd answers 250 once the message is synced in its log and
# delivers it to a Maildir; all must be there at the end. Postfix queues durably
# (and gets a quarter of a burst); smtp-sink keeps nothing. Only ratios of one
# run mean anything, on a machine that does nothing else. Needs the package
# postfix; the private Postfix needs root.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
filterd=${FILTERD:-$top/build/smemail-filterd}
rounds=${1:-3}
burst=${2:-5000}
sustained=${3:-60000}
if ! command -v smtp-source >/dev/null; then
	echo "messages.sh: smtp-source is not installed (package postfix)" >&2
	exit 1
fi
# shellcheck source=tests/bench/lib.sh
. "$top/tests/bench/lib.sh"
dir=$(python3 "$top/tests/tools/diskfolder.py")
postfix_dir=$(python3 "$top/tests/tools/diskfolder.py")
daemon=
sink=
postfix=
dns=
stop_all() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$dns" ] || kill "$dns" 2>/dev/null || true
	[ -z "$sink" ] || kill "$sink" 2>/dev/null || true
	[ -z "$postfix" ] || "$top/tests/tools/postfix-instance.sh" \
	    "$postfix_dir" "$postfix" stop >/dev/null 2>&1 || true
	wait
	rm -rf "${dir%/*}" "${postfix_dir%/*}"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

send() { # PORT COUNT
	smtp-source -s 20 -m "$2" -l 4096 -f a@sender.test \
	    -t u@example.test "127.0.0.1:$1"
}

# messages per second that PORT takes of COUNT
rate() {
	rate_of "$2" send "$1" "$2"
}

configure
start_dns
ours=$(free_port)
"$filterd" --foreground --config "$dir/config" \
    --listen "smtp:127.0.0.1:$ours" 2>"$dir/log" &
daemon=$!
wait_for send "$ours" 1
settled 1
none=$(free_port)
smtp-sink -u "$(id -un)" "127.0.0.1:$none" 500 2>/dev/null &
sink=$!
wait_for send "$none" 1
if [ "$(id -u)" -eq 0 ]; then
	postfix=$(free_port)
	if ! "$top/tests/tools/postfix-instance.sh" "$postfix_dir" "$postfix" \
	    start >"$dir/postfix.log" 2>&1; then
		cat "$dir/postfix.log" >&2
		exit 1
	fi
	wait_for send "$postfix" 1
fi

round=0
while [ $round -lt "$rounds" ]; do
	rate "$none" "$burst" >>"$dir/sink.rates"
	rate "$ours" "$burst" >>"$dir/ours.rates"
	settled "$burst"
	if [ -n "$postfix" ]; then
		rate "$postfix" $((burst / 4)) >>"$dir/postfix.rates"
	fi
	round=$((round + 1))
done
while [ "$sustained" -gt 0 ] && [ $round -gt 0 ]; do
	rate "$none" "$sustained" >>"$dir/sink.long"
	rate "$ours" "$sustained" >>"$dir/ours.long"
	settled "$sustained"
	round=$((round - 1))
done

show() { # SINK OURS WHAT GOAL
	awk -v s="$(median "$1")" -v o="$(median "$2")" -v what="$3" \
	    -v goal="$4" 'BEGIN {
		print what
		printf "  smtp-sink        %6d/s\n", s
		printf "  smemail-filterd  %6d/s   %.2f of smtp-sink (goal %s)\n",
		    o, o / s, goal
	}'
}
echo "messages of 4 KiB, 20 sessions, median of $rounds, $(nproc) processors"
show "$dir/sink.rates" "$dir/ours.rates" "a burst of $burst" 0.5
if [ -n "$postfix" ]; then
	awk -v o="$(median "$dir/ours.rates")" \
	    -v p="$(median "$dir/postfix.rates")" 'BEGIN {
		printf "  Postfix          %6d/s   smemail-filterd %.1f times " \
		    "(goal 4)\n", p, o / p
	}'
else
	echo "  Postfix: not measured, its private instance needs root"
fi
if [ "$sustained" -gt 0 ]; then
	show "$dir/sink.long" "$dir/ours.long" "$sustained, sustained" 0.4
	if [ -n "$postfix" ]; then
		awk -v o="$(median "$dir/ours.long")" \
		    -v p="$(median "$dir/postfix.rates")" 'BEGIN {
			printf "  %.1f times the burst of Postfix (goal 4)\n",
			    o / p
		}'
	fi
fi
