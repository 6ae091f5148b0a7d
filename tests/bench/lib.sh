# What messages.sh and starttls.sh share; $top is the top of the tree, $dir a
# folder of theirs.

free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# wait_for COMMAND...: until it succeeds, ten seconds at most
wait_for() {
	tries=0
	until "$@" 2>/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 100 ]; then
			echo "${0##*/}: waited in vain for: $*" >&2
			exit 1
		fi
		sleep 0.1
	done
}

# messages per second: COUNT of them, sent by COMMAND...
rate_of() { # COUNT COMMAND...
	count_sent=$1
	shift
	from=$(date +%s%N)
	"$@"
	to=$(date +%s%N)
	echo $((count_sent * 1000000000 / (to - from)))
}

median() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# names of the peers are asked for, so a name server answers on loopback: its
# process is $dns
start_dns() {
	cat >"$dir/zone.json" <<'JSON'
{"zone": {"names": {
 "1.0.0.127.in-addr.arpa": {"PTR": ["localhost"]},
 "localhost": {"A": ["127.0.0.1"]},
 "sender.test": {"A": ["127.0.0.1"], "MX": [[10, "sender.test"]],
  "TXT": ["v=spf1 ip4:127.0.0.1 -all"]}
}}}
JSON
	python3 "$top/tests/tools/testdns.py" --port 0 \
	    --zone "$dir/zone.json" --ready-file "$dir/ready" >/dev/null 2>&1 &
	dns=$!
	wait_for test -s "$dir/ready"
	SMEMAIL_DNS=$(sed 's/READY \(.*\) \(.*\)/\1:\2/' "$dir/ready")
	export SMEMAIL_DNS
}

# the daemon's configuration in $dir/config: a Maildir behind the queue's log
configure() {
	mkdir -p "$dir/config" "$dir/spool"
	cat >"$dir/config/plugins" <<END
relay
helo policy lenient
headers require From,Date
badmailfrom
rcpt_ok
queue/maildir $dir/Maildir
END
	echo example.test >"$dir/config/rcpthosts"
	echo mx.example.test >"$dir/config/me"
	echo "$dir/spool" >"$dir/config/spool_dir"
}

# every message of ours is delivered before the next peer has its turn
sent=0
settled() { # COUNT
	sent=$((sent + $1))
	tries=0
	while :; do
		# the folder is made with its first message
		taken=$(find "$dir/Maildir/new" -type f 2>/dev/null | wc -l)
		[ "$taken" -lt "$sent" ] || break
		tries=$((tries + 1))
		if [ $tries -gt 600 ]; then
			echo "${0##*/}: $taken of $sent messages stored" >&2
			exit 1
		fi
		sleep 0.1
	done
	if [ "$taken" -ne "$sent" ]; then
		echo "${0##*/}: $taken messages stored, $sent sent" >&2
		exit 1
	fi
}
