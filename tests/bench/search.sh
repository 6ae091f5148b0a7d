#!/bin/sh
# Searching logs beside grep -F, in one run on one machine:
#
#     tests/bench/search.sh [MEGABYTES [ROUNDS]]
#
# Best of ROUNDS (5); the generated logs (200 MB in files of 5) are in a
# temporary folder. Goal: not slower than grep -F on the same files, for an
# address that is there and one that is not; with the hits decoded a quarter of
# the speed of grep -c -F at least (LG-71). Then a window of an hour beside the
# whole: below 3 % of its time (LG-73; it speaks of 500 MB).
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
smemail=${SMEMAIL:-$top/build/smemail}
megabytes=${1:-200}
rounds=${2:-5}
dir=$(mktemp -d "${TMPDIR:-/tmp}/smemail-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export TZ=UTC

# one day of five megabytes, which is one file
python3 "$top/tests/tools/genlogs.py" "$dir/set" --bytes 6500K --seed 5 \
    --days 1 --rotate-size 0 --no-messages-file >/dev/null
mkdir -p "$dir/logs/qpsmtpd"
python3 - "$dir" "$megabytes" <<'PY'
# the same day over and over, a day later each: labels rise from file to file
import re, sys
folder, size = sys.argv[1], int(sys.argv[2]) * 10**6
data = open(folder + "/set/qpsmtpd/current", "rb").read()
tai, day, done = 2**62 + 10, 0, 0
lines = [l for l in data.split(b"\n") if re.match(rb"@[0-9a-f]{24} ", l)]
while done < size:
    out = []
    for line in lines:
        out.append(b"@%016x" % (int(line[1:17], 16) + day * 86400) + line[17:])
    text = b"\n".join(out) + b"\n"
    last = out[-1][:25].decode()
    open("%s/logs/qpsmtpd/%s.s" % (folder, last), "wb").write(text)
    done += len(text)
    day += 1
PY
touch "$dir/logs/qpsmtpd/current"
bytes=$(cat "$dir"/logs/qpsmtpd/@* | wc -c)

took() {
	from=$(date +%s%N)
	# not to the null device: there grep ends at the first line
	"$@" >"$dir/out" 2>&1 || true
	us=$((($(date +%s%N) - from) / 1000))
	[ "$us" -gt 0 ] || us=1
}

best() {
	shortest=
	r=0
	while [ $r -lt "$rounds" ]; do
		took "$@"
		[ -n "$shortest" ] && [ "$shortest" -le $us ] || shortest=$us
		r=$((r + 1))
	done
}

say() {
	awk -v n="$1" -v p="$2" -v o="$3" -v b="$bytes" -v g="$4" 'BEGIN {
		printf "%-34s %7.1f ms  smemail %7.1f ms %6.0f MB/s   " \
		    "%.2f times (goal %s)\n",
		    n, p / 1000, o / 1000, b / o, p / o, g
	}'
}

echo "search $((bytes / 1000000)) MB, best of $rounds, $(nproc) processors"
for word in no.such.user@nowhere.test anna.adler@dom1.acme.test; do
	best grep -F -h "$word" "$dir"/logs/qpsmtpd/@*
	peer=$shortest
	best "$smemail" log search "$word" qpsmtpd --logs "$dir/logs" --raw
	say "grep -F $word" "$peer" "$shortest" 1
	best grep -c -F "$word" "$dir"/logs/qpsmtpd/@*
	peer=$shortest
	best "$smemail" log search "$word" qpsmtpd --logs "$dir/logs"
	say "grep -c -F, hits decoded (LG-71)" "$peer" "$shortest" 0.25
done
best "$smemail" log show 'verdict:deferred' qpsmtpd --logs "$dir/logs" --raw
whole=$shortest
best "$smemail" log show 'verdict:deferred' qpsmtpd --logs "$dir/logs" \
    --raw --since '2017-11-28 10:00' --until '2017-11-28 11:00'
say "the whole, then an hour (LG-73)" "$whole" "$shortest" 33
