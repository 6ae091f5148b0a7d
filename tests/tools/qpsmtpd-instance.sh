#!/bin/sh
# A throw-away qpsmtpd (Debian's package, prefork) on loopback that delivers to
# DIR/Maildir, a peer for throughput:
#
#     qpsmtpd-instance.sh DIR PORT start DNS-PORT PLUGINS-FILE
#     qpsmtpd-instance.sh DIR PORT stop
#
# Names are asked at 127.0.0.1:DNS-PORT. The line queue/maildir is added to the
# plugins. Everything is below DIR; the system's own instance is not touched.
# Needs root, the packages qpsmtpd and libnet-ip-perl, and others' right to pass through DIR.
set -eu
dir=$1
port=$2
action=${3:-start}
user=qpsmtpd
if [ "$action" = stop ]; then
	pid=$(cat "$dir/pid")
	# its children are of its own process group
	kill -- "-$pid"
	tries=0
	while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	exit 0
fi
mkdir -p "$dir/config" "$dir/spool" "$dir/Maildir/tmp" "$dir/Maildir/new" \
    "$dir/Maildir/cur" "$dir/run"
cp "$5" "$dir/config/plugins"
echo "queue/maildir $dir/Maildir" >>"$dir/config/plugins"
echo mx.example.test >"$dir/config/me"
echo example.test >"$dir/config/rcpthosts"
echo "$dir/spool" >"$dir/config/spool_dir"
echo /usr/share/qpsmtpd/plugins >"$dir/config/plugin_dirs"
echo 4 >"$dir/config/loglevel"
# Perl's resolver, under taint checks, believes only /etc/resolv.conf; what
# its children share would outlive them
printf 'nameserver 127.0.0.1\noptions port:%s\n' "$4" >"$dir/resolv.conf"
chown -R "$user" "$dir/spool" "$dir/Maildir" "$dir/run"
chmod 700 "$dir/spool"
QPSMTPD_CONFIG=$dir/config
export QPSMTPD_CONFIG
unshare --mount --ipc sh -c '
mount --bind "$0" /etc/resolv.conf
exec "$@"' "$dir/resolv.conf" \
    qpsmtpd-prefork --listen-address 127.0.0.1 --port "$port" --user "$user" \
    --max-from-ip 100 --children 20 --idle-children 20 \
    --pid-file "$dir/run/pid" >"$dir/log" 2>&1 </dev/null &
echo $! >"$dir/pid"
