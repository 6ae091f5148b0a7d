#!/bin/sh
# SPF checks a second against a name server on loopback; the peer measured in
# the same run is dig's own rate of questions to it, where dnsperf is missing.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build}
tmp=$(mktemp -d)
# the server writes its state when it ends: the folder goes after it
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$tmp"' EXIT
python3 - "$tmp/bench.zone" <<'P'
import sys
with open(sys.argv[1], "w") as f:
    f.write("$ORIGIN bench.example.\n$TTL 300\n"
            "@ SOA ns.bench.example. root.bench.example. 1 1 1 1 1\n"
            "@ NS ns.bench.example.\nns A 127.0.0.1\n"
            "* TXT \"v=spf1 mx include:all.bench.example -all\"\n"
            "* MX 10 mail.bench.example.\n"
            "mail A 192.0.2.9\n"
            "all TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n")
P
port=5391
cat >"$tmp/nsd.conf" <<C
server:
	ip-address: 127.0.0.1
	port: $port
	username: ""
	chroot: ""
	zonesdir: "$tmp"
	database: ""
	pidfile: "$tmp/nsd.pid"
	xfrdfile: "$tmp/xfrd.state"
	zonelistfile: "$tmp/zone.list"
	server-count: 1
	rrl-ratelimit: 0
	rrl-whitelist-ratelimit: 0
	verbosity: 0
remote-control:
	control-enable: no
zone:
	name: bench.example
	zonefile: "$tmp/bench.zone"
C
if ! command -v nsd >/dev/null; then
	echo "nsd is missing: apt-get install nsd"
	exit 0
fi
nsd -d -c "$tmp/nsd.conf" >"$tmp/nsd.log" 2>&1 &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	SMEMAIL_DNS=127.0.0.1:$port "$B/smemail" spf check --ip 192.0.2.1 \
		--sender a@n0.bench.example >/dev/null 2>&1 && break
	sleep 0.3
done
SMEMAIL_DNS=127.0.0.1:$port "$B/bench/spf_bench"
