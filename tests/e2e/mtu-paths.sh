#!/bin/sh
# mtu: path MTU through routers of other MTUs, and through one that drops large
# packets, in network namespaces made here (T-45 to T-48, F004, S003, C39).
. "${0%/*}/lib.sh"

command -v ip >/dev/null || skip_all "ip is not installed"
unshare -n -m true 2>/dev/null ||
	skip_all "network namespaces are not allowed here"
net=$TOP/tests/tools/mtu_net.sh
server=$TOP/tests/tools/mtu_smtp.py
export net server SMEMAIL
unshare -n -m sh -c '"$net" 1500 1500 1500' 2>"$err" ||
	skip_all "cannot lay out networks: $(head -n 1 "$err")"

# Run a script on the near host of a network of these MTUs.
on_path() { # "MTUS" SCRIPT
	run unshare -n -m sh -c '"$net" '"$1"' && '"$2"
}

# One value of the JSON answer in $out.
value() { # EXPRESSION
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1])); r = d["rows"]
print(eval(sys.argv[2]))' "$out" "$1"
}

# The same path by Debian tracepath and by us.
same_as_tracepath() { # MTUS ADDRESS
	on_path "$1" 'tracepath -n '"$2"' | tail -n 1'
	wanted=$(sed -n 's/.*pmtu \([0-9]*\) hops \([0-9]*\).*/\1 \2/p' "$out")
	on_path "$1" '"$SMEMAIL" mtu --json --no-tcp -n '"$2"
	is "$(value 'r[0]["mtu"]') $(value 'len(r[0]["hops"])')" "$wanted" \
		"T-45 $1 to $2: as tracepath ($wanted)"
}

if command -v tracepath >/dev/null; then
	same_as_tracepath '1500 1500 1500' 10.3.0.2
	same_as_tracepath '1500 1492 1500' 10.3.0.2
	same_as_tracepath '1500 1492 1400' 10.3.0.2
	same_as_tracepath '1500 1500 1280' 10.3.0.2
	same_as_tracepath '1400 1500 1500' 10.3.0.2
	same_as_tracepath '9000 1500 1492' 10.3.0.2
	same_as_tracepath '1500 1492 1400' fd03::2
else
	skip "T-45 as tracepath" "tracepath is not installed"
fi

on_path '1500 1492 1400' '"$SMEMAIL" mtu -n 10.3.0.2'
expect_status 1 "a narrower path is a finding"
expect_out_like '^WARN +10\.3\.0\.2 +path MTU 1400, interface a0 has 1500' \
	"C39 it says so"
expect_out_like '^ +2 +10\.2\.0\.2 .* 1492 +narrower' "where it gets narrower"
expect_out_like '^ +3 +10\.3\.0\.2 .* 1400 +reached, narrower' "and again"
expect_out_like '^icmp +"too big" comes back' "the routers tell it"
expect_out_like '^tcp +not tested: .*connection refused' \
	"no SMTP server: not tested, no failure"
expect_err_like '^next: smemail mtu --try 1400$' "F005 what to do"

on_path '1500 1500 1500' '"$SMEMAIL" mtu -n 10.3.0.2'
expect_status 0 "a path like the interface is fine"
expect_out_like '^ok +10\.3\.0\.2 +path MTU 1500' "it says so"

on_path '1500 1400 1500' '"$SMEMAIL" mtu --json -n 10.3.0.2 >/dev/null
	"$SMEMAIL" mtu --json --no-tcp -n 10.3.0.2'
is "$(value 'r[0]["known_mtu"], r[0]["mtu"]')" '(1400, 1400)' \
	"T-45 what the kernel holds is told, and measured anew"

# veth passes 4 bytes more than its MTU (see mtu_net.sh)
for far in 1437 1396 1000; do
	on_path "1500 1492 1492 $far" '"$SMEMAIL" mtu --json --no-tcp -n 10.3.0.2'
	is "$(value 'r[0]["verdict"], r[0]["mtu"], r[0]["lost_behind_hop"]')" \
		"('black-hole', $((far + 4)), 2)" \
		"T-47 a black hole of $far is found, and its size"
done
on_path '1500 1500 1500 1396' '"$SMEMAIL" mtu --no-tcp -n fd03::2 10.3.0.2'
expect_status 1 "T-46 a black hole for IPv6 and IPv4 at once"
expect_out_like '^FAIL +fd03::2 +path MTU 1400, and what is larger vanishes behind hop 2' \
	"IPv6 is told"
expect_out_like '^FAIL +10\.3\.0\.2 +path MTU 1400' "IPv4 too"

# TCP: one full segment (T-48)
serve='ip netns exec far "$server" 10.3.0.2 25'
up='for i in $(seq 300); do
	ip netns exec far ss -ltn 2>/dev/null | grep -q :25 && break
	sleep .1; done'
on_path '1500 1500 1500' "$serve 60 >/dev/null & $up
	\"\$SMEMAIL\" mtu -n 10.3.0.2; s=\$?; kill \$!; exit \$s"
expect_status 0 "a server that takes all"
expect_out_like '^tcp +port 25 offers segments of 1448, a full one of 1448 arrived' \
	"T-48 a full segment arrives"
on_path '1500 1500 1500' "ip -n r2 link set b1 mtu 1396
	$serve 60 >/dev/null & $up
	\"\$SMEMAIL\" mtu --json -n 10.3.0.2; s=\$?; kill \$!; exit \$s"
is "$(value 'r[0]["tcp"]["state"], r[0]["verdict"]')" \
	"('lost', 'black-hole')" "T-48 a full segment that vanishes is noticed"
on_path '1500 1500 1500' "$serve 60 no-pipelining >/dev/null & $up
	\"\$SMEMAIL\" mtu -n 10.3.0.2; s=\$?; kill \$!; exit \$s"
expect_out_like '^tcp +not tested: the host takes one command at a time' \
	"without PIPELINING nothing is forced on it"

# a far host that answers nothing at all
on_path '1500 1500 1500' 'ip -n far addr del 10.3.0.2/24 dev c1
	"$SMEMAIL" mtu --json --no-tcp -n 10.3.0.2'
expect_status 111 "nobody there: not tested is no finding"
is "$(value 'r[0]["state"], r[0]["end"], d["advice_mtu"]')" \
	"('????', 'unreachable', None)" "with the reason"
on_path '1500 1500 1500' '"$SMEMAIL" mtu --no-tcp -n 10.9.9.9'
expect_out_like '^end +routers hand it round in a circle' "a loop is named"

# the senders that timed out (S003): most of them first
mkdir -p "$tmp/logs/qpsmtpd"
cat >"$tmp/logs/qpsmtpd/current" <<'END'
@400000005a1b6a5f00000001 7 Connection from mx.far.test [10.3.0.2]
@400000005a1b6a5f00000002 8 Connection from other.test [192.0.2.8]
@400000005a1b6a5f00000003 7 Connection Timed Out
@400000005a1b6a5f00000004 8 click, disconnecting
END
logs=$tmp/logs
export logs
on_path '1500 1400 1500' '"$SMEMAIL" mtu --json --no-tcp -n --logs "$logs"'
is "$(value 'len(r), r[0]["host"], r[0]["mtu"]')" "(1, '10.3.0.2', 1400)" \
	"S003 the paths to senders that timed out are measured"
sed -i '/Timed Out/d' "$tmp/logs/qpsmtpd/current"
run "$SMEMAIL" mtu --from-log --logs "$logs"
expect_status 1 "no sender timed out"
expect_err_like '^next: smemail mtu HOST$' "what to do then"
run "$SMEMAIL" mtu --from-log 192.0.2.1
expect_status 2 "--from-log names the hosts itself"

# mtu --try
on_path '1500 1500 1500' '"$SMEMAIL" mtu --try 1492 10.3.0.2 && ip link show a0'
expect_out_like '^interface a0 has 1492 until .* \(was 1500\)' "F005 a trial"
expect_out_like 'mtu 1492' "the interface has it"
on_path '1500 1500 1500' '"$SMEMAIL" __mtu-restore a0 1492 1500 0
	ip link set a0 mtu 1492
	"$SMEMAIL" __mtu-restore a0 1492 1500 0; ip link show a0'
expect_out_like 'mtu 1500' "the watcher takes it back"
on_path '1500 1500 1500' 'ip link set a0 mtu 1400
	"$SMEMAIL" __mtu-restore a0 1492 1500 0; ip link show a0'
expect_out_like 'mtu 1400' "but nobody else's change"
run "$SMEMAIL" mtu --try 100
expect_status 2 "too small a trial"
expect_err_like "'100' is not a whole number from 576 to 9216" "is refused"
run "$SMEMAIL" mtu --port 0 127.0.0.1
expect_status 2 "port 0 is refused"
run "$SMEMAIL" mtu --ipv4 --ipv6 127.0.0.1
expect_status 2 "only one of --ipv4 and --ipv6"
done_testing
