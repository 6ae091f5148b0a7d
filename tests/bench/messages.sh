#!/bin/sh
# Messages taken per second, durably, beside Postfix and smtp-sink in one run:
#
#     tests/bench/messages.sh [ROUNDS [COUNT]]
#
# smtp-source sends COUNT (4000) messages of 4 KiB in 20 sessions, one message
# a session, to each in turn, ROUNDS (3) times; the medians are compared.
# smemail-filterd writes a Maildir and answers 250 once the message is synced;
# Postfix queues durably (and gets a quarter of the messages); smtp-sink keeps
# nothing. Only ratios of one run mean anything. Needs the package postfix;
# the private Postfix needs root.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
filterd=${FILTERD:-$top/build/smemail-filterd}
rounds=${1:-3}
count=${2:-4000}
if ! command -v smtp-source >/dev/null; then
	echo "messages.sh: smtp-source is not installed (package postfix)" >&2
	exit 1
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/smemail-bench.XXXXXX")
chmod 755 "$dir" # Postfix's own user goes through it
daemon=
sink=
postfix=
stop_all() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
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

mkdir -p "$dir/config"
printf 'relay\nhelo policy lenient\nheaders require From,Date\nbadmailfrom\n' \
    >"$dir/config/plugins"
printf 'rcpt_ok\nqueue/maildir %s/Maildir\n' "$dir" >>"$dir/config/plugins"
echo example.test >"$dir/config/rcpthosts"
echo mx.example.test >"$dir/config/me"
mkdir "$dir/spool"
echo "$dir/spool" >"$dir/config/spool_dir"
ours=$(free_port)
"$filterd" --foreground --config "$dir/config" \
    --listen "smtp:127.0.0.1:$ours" 2>"$dir/log" &
daemon=$!
wait_for_port "$ours"
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
	rate "$none" "$count" >>"$dir/sink.rates"
	rate "$ours" "$count" >>"$dir/ours.rates"
	if [ -n "$postfix" ]; then
		rate "$postfix" $((count / 4)) >>"$dir/postfix.rates"
	fi
	round=$((round + 1))
done
taken=$(find "$dir/Maildir/new" -type f | wc -l)
if [ "$taken" -ne $((rounds * count + 1)) ]; then
	echo "messages.sh: $taken messages stored, not all of them" >&2
	exit 1
fi

sink_rate=$(median "$dir/sink.rates")
our_rate=$(median "$dir/ours.rates")
echo "messages of 4 KiB, 20 sessions, median of $rounds, $(nproc) processors"
awk -v o="$our_rate" -v s="$sink_rate" 'BEGIN {
	printf "smtp-sink        %6d/s\n", s
	printf "smemail-filterd  %6d/s   %.2f of smtp-sink\n", o, o / s
}'
if [ -n "$postfix" ]; then
	awk -v o="$our_rate" -v p="$(median "$dir/postfix.rates")" 'BEGIN {
		printf "Postfix          %6d/s   smemail-filterd %.1f times " \
		    "(goal 2)\n", p, o / p
	}'
else
	echo "Postfix: not measured, its private instance needs root"
fi
