#!/bin/sh
# Messages taken per second, durably, beside Perl's qpsmtpd, Postfix and smtp-sink
# in one run:
#
#     tests/bench/messages.sh [ROUNDS [BURST [SUSTAINED]]]
#
# smtp-source sends messages of 4 KiB in 20 sessions, one message a session, to
# each in turn: ROUNDS (3) times a burst of BURST (5000), then as many times
# SUSTAINED (60000, 0 for none); the medians are compared.
# smemail-filterd answers 250 once the message is synced in its log and
# delivers it to a Maildir; each must be there at the end, once, and the memory
# of its parts is shown. It has the plugins that an SME Server puts before
# remote mail, names are asked of a server on loopback; only earlytalker does
# not wait, which would allow 20 messages a second to anyone. qpsmtpd (prefork,
# 20 children) has the same of them that it knows and gets a hundredth of a
# burst; Postfix queues durably and gets a quarter; smtp-sink keeps nothing. Only
# ratios of one run mean anything, on a machine that does nothing else. Needs
# the package postfix; Postfix and qpsmtpd (packages qpsmtpd, libnet-ip-perl)
# need root and are left out otherwise.
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
qpsmtpd_dir=$(python3 "$top/tests/tools/diskfolder.py")
daemon=
sink=
postfix=
qpsmtpd=
dns=
stop_all() {
	[ $? -eq 0 ] || grep -v logging::logterse "$dir/log" | tail -20 >&2
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$dns" ] || kill "$dns" 2>/dev/null || true
	[ -z "$sink" ] || kill "$sink" 2>/dev/null || true
	[ -z "$postfix" ] || "$top/tests/tools/postfix-instance.sh" \
	    "$postfix_dir" "$postfix" stop >/dev/null 2>&1 || true
	[ -z "$qpsmtpd" ] || "$top/tests/tools/qpsmtpd-instance.sh" \
	    "$qpsmtpd_dir" "$qpsmtpd" stop >/dev/null 2>&1 || true
	wait
	rm -rf "${dir%/*}" "${postfix_dir%/*}" "${qpsmtpd_dir%/*}"
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

# as many different ones as were sent: none lost, none twice
all_once() {
	names=$(find "$dir/Maildir/new" -type f -exec \
	    grep -h -m 1 -i '^Message-Id:' {} + | sort -u | wc -l)
	if [ "$names" -ne "$sent" ]; then
		echo "messages.sh: $sent sent, $names different stored" >&2
		exit 1
	fi
}

# KB of each part that no file stands behind
memory() {
	for pid in $daemon $(cat "/proc/$daemon/task/$daemon/children"); do
		name=$(tr '\0' '\n' <"/proc/$pid/cmdline" |
			sed -n 's/^--role=//p')
		awk -v name="${name:-listener}" '/^RssAnon:/ {
			printf "%s %d  ", name, $2
		}' "/proc/$pid/status"
	done
	echo
}

# peers/0 of an SME Server, as far as it is built and judges no content
cat >"$dir/plugins" <<'EOF'
hosts_allow
loadcheck max_load 1000
earlytalker wait 0
count_unrecognized_commands 4
relay
resolvable_fromhost
headers require From,Date
badmailfrom
sender_permitted_from
badrcptto
helo policy lenient
naughty
rcpt_ok
EOF
configure
{
	echo logging/logterse
	sed 's/^rcpt_ok/check_goodrcptto extn -\nrcpt_ok/' "$dir/plugins"
	echo "queue/maildir $dir/Maildir"
} >"$dir/config/plugins"
echo u@example.test >"$dir/config/goodrcptto"
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
	if command -v qpsmtpd-prefork >/dev/null; then
		qpsmtpd=$(free_port)
		"$top/tests/tools/qpsmtpd-instance.sh" "$qpsmtpd_dir" \
		    "$qpsmtpd" start "${SMEMAIL_DNS##*:}" "$dir/plugins"
		wait_for send "$qpsmtpd" 1
	fi
fi

round=0
while [ $round -lt "$rounds" ]; do
	rate "$none" "$burst" >>"$dir/sink.rates"
	rate "$ours" "$burst" >>"$dir/ours.rates"
	settled "$burst"
	if [ -n "$postfix" ]; then
		rate "$postfix" $((burst / 4)) >>"$dir/postfix.rates"
	fi
	if [ -n "$qpsmtpd" ]; then
		rate "$qpsmtpd" $((burst / 100)) >>"$dir/qpsmtpd.rates"
	fi
	round=$((round + 1))
done
memory >"$dir/memory"
while [ "$sustained" -gt 0 ] && [ $round -gt 0 ]; do
	rate "$none" "$sustained" >>"$dir/sink.long"
	rate "$ours" "$sustained" >>"$dir/ours.long"
	settled "$sustained"
	memory >>"$dir/memory"
	round=$((round - 1))
done
all_once

show() { # SINK OURS WHAT GOAL
	awk -v s="$(median "$1")" -v o="$(median "$2")" -v what="$3" \
	    -v goal="$4" 'BEGIN {
		print what
		printf "  smtp-sink        %6d/s\n", s
		printf "  smemail-filterd  %6d/s   %.2f of smtp-sink (goal %s)\n",
		    o, o / s, goal
	}'
}
against() { # OURS PEER NAME GOAL
	awk -v o="$(median "$1")" -v p="$(median "$2")" -v name="$3" \
	    -v goal="$4" 'BEGIN {
		printf "  %-16s %6d/s   smemail-filterd %.1f times (goal %d)\n",
		    name, p, o / p, goal
	}'
}
echo "messages of 4 KiB, 20 sessions, median of $rounds, $(nproc) processors"
show "$dir/sink.rates" "$dir/ours.rates" "a burst of $burst" 0.5
if [ -n "$postfix" ]; then
	against "$dir/ours.rates" "$dir/postfix.rates" Postfix 4
else
	echo "  Postfix: not measured, its private instance needs root"
fi
if [ -n "$qpsmtpd" ]; then
	against "$dir/ours.rates" "$dir/qpsmtpd.rates" qpsmtpd 200
else
	echo "  qpsmtpd: not measured, it needs root and its package"
fi
if [ "$sustained" -gt 0 ]; then
	show "$dir/sink.long" "$dir/ours.long" "$sustained, sustained" 0.4
	[ -z "$postfix" ] ||
		against "$dir/ours.long" "$dir/postfix.rates" Postfix 4
	[ -z "$qpsmtpd" ] ||
		against "$dir/ours.long" "$dir/qpsmtpd.rates" qpsmtpd 200
	echo "  memory before and after each run, KB:"
	sed 's/^/    /' "$dir/memory"
fi
echo "$sent sent, each stored once"
