#!/bin/sh
# Messages taken per second by STARTTLS, durably, beside Postfix with the same
# certificate in one run:
#
#     tests/bench/starttls.sh [ROUNDS [COUNT [ec|rsa]]]
#
# COUNT (2000) messages of 4 KiB in 20 sessions at a time, each with a whole
# handshake (TLS 1.3; a certificate of P-256 or RSA 2048), go to each in turn,
# ROUNDS (3) times; the medians are compared. The client takes part of the
# processors, the same for both. Needs the package postfix, and root.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
filterd=${FILTERD:-$top/build/smemail-filterd}
client=${BUILD:-$top/build}/bench/starttls_bench
rounds=${1:-3}
count=${2:-2000}
kind=${3:-ec}
case $kind in
ec) new="ec -pkeyopt ec_paramgen_curve:P-256" ;;
rsa) new=rsa:2048 ;;
*)
	echo "starttls.sh: '$kind' is neither ec nor rsa" >&2
	exit 2
	;;
esac
if ! command -v postfix >/dev/null || [ "$(id -u)" -ne 0 ]; then
	echo "starttls.sh: not measured, needs root and the package postfix"
	exit 0
fi
# shellcheck source=tests/bench/lib.sh
. "$top/tests/bench/lib.sh"
dir=$(python3 "$top/tests/tools/diskfolder.py")
postfix_dir=$(python3 "$top/tests/tools/diskfolder.py")
daemon=
dns=
stop_all() {
	[ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
	[ -z "$dns" ] || kill "$dns" 2>/dev/null || true
	"$top/tests/tools/postfix-instance.sh" "$postfix_dir" "$postfix" \
	    stop >/dev/null 2>&1 || true
	wait
	rm -rf "${dir%/*}" "${postfix_dir%/*}"
}
postfix=$(free_port)
trap stop_all EXIT
trap 'exit 130' INT TERM

# messages per second that PORT takes of COUNT
rate() {
	rate_of "$2" "$client" "$1" "$2" 20
}

# shellcheck disable=SC2086
openssl req -x509 -newkey $new -nodes \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" -days 30 \
    -subj /CN=mx.example.test 2>/dev/null
configure
start_dns
mv "$dir/config/plugins" "$dir/plugins"
echo "tls $dir/cert.pem $dir/key.pem $dir/cert.pem" |
    cat - "$dir/plugins" >"$dir/config/plugins"
cat >"$postfix_dir/extra.cf" <<END
smtpd_tls_security_level = may
smtpd_tls_cert_file = $dir/cert.pem
smtpd_tls_key_file = $dir/key.pem
smtpd_tls_session_cache_database =
END
ours=$(free_port)
"$filterd" --foreground --config "$dir/config" \
    --listen "smtp:127.0.0.1:$ours" 2>"$dir/log" &
daemon=$!
wait_for "$client" "$ours" 1 1
settled 1
if ! "$top/tests/tools/postfix-instance.sh" "$postfix_dir" "$postfix" \
    start >"$dir/postfix.log" 2>&1; then
	cat "$dir/postfix.log" >&2
	exit 1
fi
wait_for "$client" "$postfix" 1 1

round=0
while [ $round -lt "$rounds" ]; do
	rate "$ours" "$count" >>"$dir/ours.rates"
	settled "$count"
	rate "$postfix" $((count / 2)) >>"$dir/postfix.rates"
	round=$((round + 1))
done
echo "messages of 4 KiB by STARTTLS ($kind), 20 sessions, median of $rounds," \
    "$(nproc) processors"
awk -v o="$(median "$dir/ours.rates")" -v p="$(median "$dir/postfix.rates")" \
    'BEGIN {
	printf "Postfix          %6d/s\n", p
	printf "smemail-filterd  %6d/s   %.1f times Postfix (goal 2)\n", o, o / p
}'
