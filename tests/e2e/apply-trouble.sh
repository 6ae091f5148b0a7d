#!/bin/sh
# Bad input, a full disk, a read-only tree, fragments that fail: a clear error
# each, and nothing is changed or lost.
. "${0%/*}/lib.sh"

export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
dbs=$SMEMAIL_ROOT/home/e-smith/db
config=$SMEMAIL_ROOT/var/service/qpsmtpd/config
custom=$SMEMAIL_ROOT/etc/e-smith/templates-custom/var/service/qpsmtpd/config
"$SMEMAIL" --root "$SMEMAIL_ROOT" init >/dev/null 2>&1 ||
	skip_all 'init does not work'

quietly() {
	"$SMEMAIL" "$@" >/dev/null 2>&1
}
snapshot() { # every database and generated file, to the byte
	(cd "$SMEMAIL_ROOT" && find home var/service var/qmail etc -type f \
		! -name '*.lock' | LC_ALL=C sort | xargs cksum) >"$1"
}
nothing_changed() { # WHAT
	snapshot "$tmp/now"
	check "$1: nothing is changed" cmp "$tmp/then" "$tmp/now"
}
quietly set smtp.greeting first.test
quietly apply
snapshot "$tmp/then"

# values that are none
bad() { # WHAT RE WORDS...
	what=$1 re=$2
	shift 2
	run "$SMEMAIL" "$@"
	expect_status 2 "$what: refused"
	expect_err_like "$re" "$what: told why"
	expect_err_lacks "$(printf '[\001-\010\013-\037]')" \
		"$what: no control character comes back"
	nothing_changed "$what"
}
nl='
'
bad 'a pipe' "cannot set 'smtp.greeting'" set smtp.greeting 'a|b.test'
bad 'a newline' "cannot set 'smtp.greeting'" set smtp.greeting "a.test${nl}b"
bad 'a control character' "cannot set 'smtp.greeting'" \
	set smtp.greeting "$(printf 'a\033[2Jb.test')"
bad 'an ESC in a name' 'unknown setting' set "$(printf 'spam\033]0;x\007')" 1
bad 'text for a number' "cannot set 'spam.tag-level'" set spam.tag-level '５'
bad 'not UTF-8' "cannot set 'smtp.greeting'" \
	set smtp.greeting "$(printf 'a\377\376.test')"
bad 'a user that is not there' "no user 'nobody-here'" \
	set spam.user-sort enabled --for nobody-here
head -c 1048576 /dev/zero | tr '\0' a >"$tmp/big"
what='1 MB' 
run sh -c '"$1" set smtp.greeting --stdin <"$2"' - "$SMEMAIL" "$tmp/big"
expect_status 2 '1 MB: refused'
check '1 MB: the message is short' test "$(wc -c <"$err")" -lt 2000
nothing_changed '1 MB'

# groups that hold each other
quietly db accounts set ring1 group Members ring2
quietly db accounts set ring2 group Members ring1
run timeout 20 "$SMEMAIL" apply
expect_status 0 'circular groups do not hold the apply'
run timeout 20 "$SMEMAIL" plan --exit-code
expect_status 0 'and are done after it'
quietly db accounts delete ring1
quietly db accounts delete ring2
quietly apply
snapshot "$tmp/then"

# a fragment with an error: its name, line and text, and no file is written
mkdir -p "$custom/badhelo"
printf 'good.test\n{\n  my $x = ;\n}\n' >"$custom/badhelo/50mine"
quietly set smtp.greeting second.test
snapshot "$tmp/then"
if perl -MText::Template -e1 2>/dev/null; then
	for words in plan apply diff drift; do
		run "$SMEMAIL" $words
		expect_status 100 "a fragment with an error: $words"
		expect_err_like '/badhelo/50mine.*line [0-9]+: .*syntax error' \
			"its name, line and text: $words"
		nothing_changed "a fragment with an error: $words"
	done
else
	skip 'a fragment with an error' 'no Text::Template'
fi
rm -r "$custom/badhelo"

# databases that were emptied or cut
cut_off() { # NAME BYTES
	cp "$dbs/$1" "$tmp/whole"
	head -c "$2" "$tmp/whole" >"$dbs/$1"
}
refused() { # WHAT RE NAME
	for words in plan apply; do
		run "$SMEMAIL" $words
		expect_status 100 "$1: $words is refused"
		expect_err_like "$2" "$1: $words tells why"
	done
	cp "$tmp/whole" "$dbs/$3"
}
size=$(wc -c <"$dbs/configuration")
cut_off configuration $((size - 9))
refused 'a database cut in a line' 'ends in the middle of a line' configuration
cut_off configuration "$(head -n 14 "$dbs/configuration" | wc -c)"
refused 'a database that lost most records' 'has lost [0-9]+ of its [0-9]+' \
	configuration
cut_off configuration 0
refused 'an emptied database' "DomainName|has lost" configuration
rm "$config/badhelo"
run "$SMEMAIL" apply
expect_status 0 'restored, it is applied'
check 'and a file that was gone is there' test -s "$config/badhelo"

# no room: a limit on the size of files stands for a full disk
quietly set smtp.greeting third.test
snapshot "$tmp/then"
cp "$SMEMAIL_ROOT/var/lib/smemail/journal" "$tmp/journal"
limited() { # WORDS...
	run sh -c 'trap "" XFSZ; ulimit -f 1; exec "$@"' - "$SMEMAIL" "$@"
}
limited set smtp.greeting fourth.test
check 'set on a full disk fails' test "$status" -ge 100
expect_err_like "cannot write '/.*': (file too large|no space)" \
	'set on a full disk: told'
nothing_changed 'set on a full disk'
is "$("$SMEMAIL" --json blame smtp.greeting | grep -c fourth)" 0 \
	'the journal has no word of it'
limited apply
check 'apply on a full disk fails' test "$status" -ge 100
expect_err_like "cannot write '/" 'apply on a full disk: told'
nothing_changed 'apply on a full disk'
run "$SMEMAIL" apply
expect_status 0 'with room again it is applied'
is "$(cat "$config/smtpgreeting")" third.test 'as it was wished'

# a small file system of its own, filled to the brim; then read-only
mounted() {
	unshare -m true 2>/dev/null && unshare -m sh -c \
		'mount -t tmpfs -o size=64k none "$1"' - "$tmp" 2>/dev/null
}
quietly set smtp.greeting fifth.test
if mounted; then
	cat >"$tmp/inside" <<'END'
set -u
smemail=$1 tree=$2 small=$3
mount -t tmpfs -o size=4m none "$small" && cp -a "$tree" "$small/mail" || exit 9
SMEMAIL_ROOT=$small/mail
export SMEMAIL_ROOT
sums() {
	(cd "$small/mail" && find home var/service -type f ! -name '*.lock' |
		LC_ALL=C sort | xargs cksum)
}
then=$(sums)
cat /dev/zero >"$small/filler" 2>/dev/null
"$smemail" set smtp.greeting sixth.test; echo "set $?"
"$smemail" apply; echo "apply $?"
[ "$then" = "$(sums)" ] && echo same
rm "$small/filler"
mount -o remount,ro "$small"
"$smemail" set smtp.greeting sixth.test; echo "set-ro $?"
"$smemail" apply; echo "apply-ro $?"
"$smemail" plan >/dev/null; echo "plan-ro $?"
"$smemail" get smtp.greeting
[ "$then" = "$(sums)" ] && echo same-ro
mount -o remount,rw "$small"
"$smemail" apply >/dev/null; echo "again $?"
END
	mkdir "$tmp/small"
	run unshare -m sh "$tmp/inside" "$SMEMAIL" "$SMEMAIL_ROOT" "$tmp/small"
	expect_out_like '^set 111$' 'full disk: set may work later'
	expect_out_like '^apply 111$' 'full disk: apply may work later'
	expect_err_like "no space left" 'full disk: told'
	expect_out_like '^same$' 'full disk: nothing is changed'
	expect_out_like '^set-ro (100|111)$' 'read-only: set fails'
	expect_out_like '^apply-ro (100|111)$' 'read-only: apply fails'
	expect_err_like "read-only file system" 'read-only: told'
	expect_out_like '^plan-ro 0$' 'read-only: plan works'
	expect_out_like '^fifth.test$' 'read-only: get works'
	expect_out_like '^same-ro$' 'read-only: nothing is changed'
	expect_out_like '^again 0$' 'with room it is applied'
else
	skip 'a full and a read-only file system' 'no mount here'
fi

# stopped between two steps: the next apply finishes
quietly set smtp.greeting seventh.test
mkdir -p "$SMEMAIL_ROOT/etc/e-smith/events/email-update"
slow=$SMEMAIL_ROOT/etc/e-smith/events/email-update/S01slow
cat >"$slow" <<END
#!/bin/sh
touch $tmp/begun
until [ -e $tmp/told ]; do sleep 0.05; done
END
chmod 755 "$slow"
env --default-signal=INT "$SMEMAIL" apply >"$out" 2>"$err" &
pid=$!
wait_until 30 test -e "$tmp/begun"
kill -INT $pid
: >"$tmp/told"
wait $pid
status=$?
expect_err_like 'stopped after a step' 'Ctrl-C stops after the step it is in'
rm "$slow"
run "$SMEMAIL" plan
expect_out_like 'an apply was cut short' 'plan tells that it was cut short'
run "$SMEMAIL" apply
expect_status 0 'the next one finishes'
run "$SMEMAIL" plan --exit-code
expect_status 0 'and nothing waits'
done_testing
