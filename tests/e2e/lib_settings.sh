# shellcheck shell=sh
# A root with a few records, for the tests of settings. Included after lib.sh,
# which sets these names:
# shellcheck disable=SC2154
: "$tmp" "$out" "$err"

settings_root() {
	new_root
	root=$SMEMAIL_ROOT
	cat >"$root/home/e-smith/db/configuration" <<'END'
DomainName=example.com
SystemName=mail
clamav=service|MaxFiles|abc
qpsmtpd=service|DNSBL|enabled|RBLList|zen.spamhaus.org|RHSBL|enabled|SBLList|dbl.spamhaus.org|status|enabled
smtp-auth-proxy=service|Passwd|geheim|Userid|x|status|enabled
spamassassin=service|RejectLevel|12|Sensitivity|custom|TagLevel|4|status|enabled
END
	cat >"$root/home/e-smith/db/accounts" <<'END'
admin=system
anna=user|FirstName|Anna|LastName|Berger
bruno=user|SortSpam|disabled
sales=group|Members|anna,bruno
info=pseudonym|Account|anna
END
	echo 'example.com=domain|SystemPrimaryDomain|yes' \
	    >"$root/home/e-smith/db/domains"
	echo '192.168.1.0=network|Mask|255.255.255.0' \
	    >"$root/home/e-smith/db/networks"
	cp -r "$root/home/e-smith/db" "$tmp/before"
}

# The databases are as they were, lock files aside, and nothing is journaled.
nothing_changed() { # WHAT
	rm -f "$root"/home/e-smith/db/*.lock
	diff -r "$tmp/before" "$root/home/e-smith/db" >"$out" 2>"$err" &&
		! grep -q . "$root/var/lib/smemail/journal" 2>/dev/null
	verdict $? "$1"
}

lacks() { # FILE RE...
	lacks_file=$1
	shift
	for lacks_re; do
		! grep -Eq -e "$lacks_re" "$lacks_file" || return 1
	done
}

smaller_than() { # FILE BYTES
	[ "$(wc -c <"$1")" -lt "$2" ]
}

# One expression on the JSON object d that the last run printed.
json_is() { # EXPRESSION WHAT
	python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$out" "$1"
	verdict $? "$2"
}
