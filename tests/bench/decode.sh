#!/bin/sh
# Decoding of TAI64N labels beside tai64nlocal, in one run on one machine:
#
#     tests/bench/decode.sh [MEGABYTES [ROUNDS]]
#
# Best of ROUNDS (3) for each program and target; the input (200 MB) is made
# in a temporary folder that is removed at the end. Goals: 20 times
# tai64nlocal to the null device, 10 times into a pipe; LG-69 asks for 2.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
smemail=${SMEMAIL:-$top/build/smemail}
megabytes=${1:-200}
rounds=${2:-3}
if ! command -v tai64nlocal >/dev/null; then
	echo "decode.sh: tai64nlocal is not installed (package daemontools)" >&2
	exit 1
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/smemail-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export TZ=Europe/Paris

# twenty generated megabytes, over and over: the labels need not be unique
python3 "$top/tests/tools/genlogs.py" "$dir/set" --bytes 20M --seed 5 \
    --no-messages-file >/dev/null
cat "$dir"/set/*/@* "$dir"/set/*/current >"$dir/part" 2>/dev/null || true
copies=$((megabytes * 1000000 / $(stat -c %s "$dir/part") + 1))
i=0
while [ $i -lt $copies ]; do
	cat "$dir/part"
	i=$((i + 1))
done >"$dir/log"
bytes=$(stat -c %s "$dir/log")

if [ "$(tai64nlocal <"$dir/part" | cksum)" != \
    "$("$smemail" log decode <"$dir/part" | cksum)" ]; then
	echo "decode.sh: the outputs differ" >&2
	exit 1
fi

# milliseconds of a shell line, at least 1
took() {
	from=$(date +%s%N)
	sh -c "$1"
	ms=$((($(date +%s%N) - from) / 1000000))
	[ "$ms" -gt 0 ] || ms=1
}

# name, what stands behind the program, goal; both programs in turn
compare() {
	peer=
	ours=
	r=0
	while [ $r -lt "$rounds" ]; do
		took "tai64nlocal <'$dir/log' $2"
		[ -n "$peer" ] && [ "$peer" -le $ms ] || peer=$ms
		took "'$smemail' log decode <'$dir/log' $2"
		[ -n "$ours" ] && [ "$ours" -le $ms ] || ours=$ms
		took "'$smemail' log decode <'$dir/log' $2"
		[ "$ours" -le $ms ] || ours=$ms
		r=$((r + 1))
	done
	awk -v n="$1" -v b="$bytes" -v p="$peer" -v o="$ours" -v g="$3" 'BEGIN {
		printf "%-12s tai64nlocal %6.0f MB/s   smemail %6.0f MB/s   " \
		    "%5.1f times (goal %d)\n",
		    n, b / p / 1000, b / o / 1000, p / o, g
	}'
}

echo "decode $((bytes / 1000000)) MB, best of $rounds, $(nproc) processors"
compare "null device" ">/dev/null" 20
compare "pipe" "| cat >/dev/null" 10
