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
dir=$(mktemp -d "${TMPDIR:-/tmp}/smemail-bench.XXXXXX")
chmod 755 "$dir" # Postfix's own user goes through it
daemon=
sink=
postfix=
dns=
stop_all() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$dns" ] || kill "$dns" 2>/dev/null || true
	[ -z "$sink" ] || kill "$sink" 2>/dev/null || true
	[ -z "$postfix" ] || "$top/tests/tools/postfix-instance.sh" \
	    "$dir/postfix" "$postfix" stop >/dev/null 2>&1 || true
	wait
	rm -rf "$dir"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

wait_for_port() {
	tries=0
	until smtp-source -m 1 -f a@sender.test -t u@example.test \
	    "127.0.0.1:$1" 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ]; then
			echo "messages.sh: nothing listens on port $1" >&2
			exit 1
		fi
		sleep 0.1
	done
}

# messages per second that PORT takes of COUNT
rate() {
	from=$(date +%s%N)
	smtp-source -s 20 -m "$2" -l 4096 -f a@sender.test \
	    -t u@example.test "127.0.0.1:$1"
	to=$(date +%s%N)
	echo $(($2 * 1000000000 / (to - from)))
}

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# every message of ours is delivered before the next peer has its turn
sent=0
settled() { # COUNT
	sent=$((sent + $1))
	tries=0
	while :; do
		taken=$(find "$dir/Maildir/new" -type f | wc -l)
		[ "$taken" -lt "$sent" ] || break
		tries=$((tries + 1))
		if [ $tries -gt 600 ]; then
			echo "messages.sh: $taken of $sent messages stored" >&2
			exit 1
		fi
		sleep 0.1
	done
	if [ "$taken" -ne "$sent" ]; then
		echo "messages.sh: $taken messages stored, $sent sent" >&2
		exit 1
	fi
}

mkdir -p "$dir/config" "$dir/spool"
printf 'relay\nhelo policy lenient\nheaders require From,Date\nbadmailfrom\n' \
    >"$dir/config/plugins"
printf 'rcpt_ok\nqueue/maildir %s/Maildir\n' "$dir" >>"$dir/config/plugins"
echo example.test >"$dir/config/rcpthosts"
echo mx.example.test >"$dir/config/me"
echo "$dir/spool" >"$dir/config/spool_dir"
# names of the peers are asked for, so a name server answers on loopback
cat >"$dir/zone.json" <<'JSON'
{"zone": {"names": {
 "1.0.0.127.in-addr.arpa": {"PTR": ["localhost"]},
 "localhost": {"A": ["127.0.0.1"]},
 "sender.test": {"A": ["127.0.0.1"]}
}}}
JSON
python3 "$top/tests/tools/testdns.py" --port 0 --zone "$dir/zone.json" \
    --ready-file "$dir/ready" >/dev/null 2>&1 &
dns=$!
tries=0
until [ -s "$dir/ready" ] || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
SMEMAIL_DNS=$(sed 's/READY \(.*\) \(.*\)/\1:\2/' "$dir/ready")
export SMEMAIL_DNS
ours=$(free_port)
"$filterd" --foreground --config "$dir/config" \
    --listen "smtp:127.0.0.1:$ours" 2>"$dir/log" &
daemon=$!
wait_for_port "$ours"
settled 1
none=$(free_port)
smtp-sink -u "$(id -un)" "127.0.0.1:$none" 500 2>/dev/null &
sink=$!
wait_for_port "$none"
if [ "$(id -u)" -eq 0 ]; then
	postfix=$(free_port)
	if ! "$top/tests/tools/postfix-instance.sh" "$dir/postfix" "$postfix" \
	    start >"$dir/postfix.log" 2>&1; then
		cat "$dir/postfix.log" >&2
		exit 1
	fi
	wait_for_port "$postfix"
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
