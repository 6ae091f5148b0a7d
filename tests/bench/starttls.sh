#!/bin/sh
# Messages taken per second by STARTTLS, durably, beside Postfix with the same
# certificate in one run:
#
#     tests/bench/starttls.sh [ROUNDS [COUNT]]
#
# COUNT (2000) messages of 4 KiB in 20 sessions at a time, each with a whole
# handshake (TLS 1.3, P-256), go to each in turn, ROUNDS (3) times; the medians
# are compared. The client takes part of the processors, the same for both.
# Needs the package postfix, and root.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
filterd=${FILTERD:-$top/build/smemail-filterd}
client=${BUILD:-$top/build}/bench/starttls_bench
rounds=${1:-3}
count=${2:-2000}
if ! command -v postfix >/dev/null || [ "$(id -u)" -ne 0 ]; then
	echo "starttls.sh: not measured, needs root and the package postfix"
	exit 0
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/smemail-bench.XXXXXX")
chmod 755 "$dir" # Postfix's own user goes through it
daemon=
stop_all() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	"$top/tests/tools/postfix-instance.sh" "$dir/postfix" "$postfix" \
	    stop >/dev/null 2>&1 || true
	wait
	rm -rf "$dir"
}
free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
postfix=$(free_port)
trap stop_all EXIT
trap 'exit 130' INT TERM

wait_for_port() {
	tries=0
	until "$client" "$1" 1 1 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ]; then
			echo "starttls.sh: nothing works on port $1" >&2
			exit 1
		fi
		sleep 0.1
	done
}

# messages per second that PORT takes of COUNT
rate() {
	from=$(date +%s%N)
	"$client" "$1" "$2" 20
	to=$(date +%s%N)
	echo $(($2 * 1000000000 / (to - from)))
}

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 30 \
    -subj /CN=mx.example.test 2>/dev/null
mkdir -p "$dir/config" "$dir/postfix"
cat >"$dir/config/plugins" <<END
tls $dir/cert.pem $dir/key.pem $dir/cert.pem
relay
helo policy lenient
headers require From,Date
badmailfrom
rcpt_ok
queue/maildir $dir/Maildir
END
echo example.test >"$dir/config/rcpthosts"
echo mx.example.test >"$dir/config/me"
cat >"$dir/postfix/extra.cf" <<END
smtpd_tls_security_level = may
smtpd_tls_cert_file = $dir/cert.pem
smtpd_tls_key_file = $dir/key.pem
smtpd_tls_session_cache_database =
END
ours=$(free_port)
"$filterd" --foreground --config "$dir/config" \
    --listen "smtp:127.0.0.1:$ours" 2>"$dir/log" &
daemon=$!
wait_for_port "$ours"
if ! "$top/tests/tools/postfix-instance.sh" "$dir/postfix" "$postfix" \
    start >"$dir/postfix.log" 2>&1; then
	cat "$dir/postfix.log" >&2
	exit 1
fi
wait_for_port "$postfix"

round=0
while [ $round -lt "$rounds" ]; do
	rate "$ours" "$count" >>"$dir/ours.rates"
	rate "$postfix" $((count / 2)) >>"$dir/postfix.rates"
	round=$((round + 1))
done
taken=$(find "$dir/Maildir/new" -type f | wc -l)
if [ "$taken" -ne $((rounds * count + 1)) ]; then
	echo "starttls.sh: $taken messages stored, not all of them" >&2
	exit 1
fi
echo "messages of 4 KiB by STARTTLS, 20 sessions, median of $rounds," \
    "$(nproc) processors"
awk -v o="$(median "$dir/ours.rates")" -v p="$(median "$dir/postfix.rates")" \
    'BEGIN {
	printf "Postfix          %6d/s\n", p
	printf "smemail-filterd  %6d/s   %.1f times Postfix (goal 2)\n", o, o / p
}'
