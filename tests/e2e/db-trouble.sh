#!/bin/sh
# db and config where something is wrong: the message, the status, and that
# nothing is changed (ES-16, ES-23 to ES-27, ES-43).
. "${0%/*}/lib.sh"

db() {
	run "$SMEMAIL" db "$@"
}

# The file is byte for byte as fill left it.
unchanged() {
	cmp -s "$file" "$tmp/before"
	verdict $? "$1: nothing changed"
}

fill() {
	printf '# by hand\nqmail=service|status|enabled\nDomainName=a.org\n' \
		>"$file"
	cp "$file" "$tmp/before"
}

new_root
file=$root/home/e-smith/db/configuration
fill

# global options before and after the command word, and by environment
unset SMEMAIL_ROOT
run "$SMEMAIL" --root "$root" db configuration get DomainName
expect_out a.org "--root before the command word"
run "$SMEMAIL" db --root "$root" configuration get DomainName
expect_out a.org "--root after the command word"
run "$SMEMAIL" config --root="$root" getprop qmail status
expect_out enabled "--root=DIR after config"
SMEMAIL_ROOT=$root
export SMEMAIL_ROOT
ln -s "$SMEMAIL" "$tmp/db"
run "$tmp/db" configuration getprop qmail status
expect_out enabled "a link named db acts as db"
run "$tmp/db" configuration set k t --json 1
run "$SMEMAIL" config get k
expect_out 't|--json|1' "words that look like options are data"
fill

run env SMEMAIL_ROOT="$tmp/none" "$SMEMAIL" config get x
expect_status 2 "a root that is not there"
run "$SMEMAIL" --root "$tmp/none" config get DomainName
expect_status 2 "--root of a folder that is not there"
expect_err_like "cannot use root" "it says which"
run "$SMEMAIL" --root "$tmp/none" config set k t
expect_status 2 "no store below it either"
check_not "and no folder made" test -e "$tmp/none"

# usage: on stderr, status 255, nothing done (ES-43)
for words in "" "configuration" "configuration frob" "0 keys" \
	"configuration get" "configuration set k" "configuration set k t p" \
	"configuration setprop qmail status" "configuration delprop qmail" \
	"configuration get 0" "configuration settype qmail 0"; do
	# shellcheck disable=SC2086
	db $words
	expect_status 255 "usage: db $words"
	expect_err_like '^usage: smemail db FILE ' "usage text: db $words"
	expect_out "" "nothing on stdout: db $words"
done
db configuration getprop qmail
is "$(cat "$err")" "usage: smemail db FILE getprop KEY PROP" \
	"one command's usage is one line"
unchanged usage

# a key that cannot be stored (ES-16)
db configuration set 'a
b' t
expect_status 1 "a key with a line break"
unchanged "a key with a line break"

# things that are no databases
mkdir "$root/home/e-smith/db/folder"
db folder keys
expect_status 100 "a folder"
expect_err "smemail: cannot read '/home/e-smith/db/folder': is a directory" \
	"a folder is called one"
db folder set k t
expect_status 100 "a store into a folder"
mkfifo "$root/home/e-smith/db/fifo"
db fifo keys
expect_status 100 "a FIFO does not hang"
db /home/none/x set k t
expect_status 100 "no such folder (ES-27)"
expect_err_like "'/home/none/x'" "it is named without the root"

# half-written and binary files are read as they are
printf 'a=t|p|1\nb=t|p' >"$root/home/e-smith/db/half"
db half show
expect_out 'a=t
    p=1
b=t
    p=' "a half-written record"
head -c 100000 /dev/urandom >"$root/home/e-smith/db/noise"
db noise print
check "noise: any status but a crash" test "$status" -lt 2
db noise setprop nothing p v
expect_status 0 "noise: a change of a missing record"
db noise set k t
expect_status 0 "noise: a new record"
db noise get k
expect_out t "noise: reads back"

# standard output that is full
"$SMEMAIL" config print >/dev/full 2>"$err"
is $? 111 "no room for the answer"
expect_err_like "cannot write" "it says so"

# a file-size limit is a disk that is full (EFBIG); the old file stays
fill
big=$(head -c 8000 /dev/zero | tr '\0' x)
(
	trap '' XFSZ
	ulimit -f 4
	"$SMEMAIL" config setprop qmail note "$big" 2>"$err"
)
status=$?
check "disk full: a failure" test "$status" -ge 100
unchanged "disk full"
is "$(find "$root/home/e-smith/db" -name 'configuration.*' ! -name '*.lock')" \
	"" "disk full: no temporary is left (ES-23)"

# somebody without the right to write
nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
fill
# the folder that tests/run made for this test is closed to others
case ${TMPDIR:-} in
*/smt.*) chmod 711 "$TMPDIR" ;;
esac
chmod 755 "$tmp" "$root"
chmod 644 "$file"
rm -f "$file.lock"
if [ "$(id -u)" -eq 0 ] && nobody test -r "$file" -a -x "$SMEMAIL"; then
	run nobody "$SMEMAIL" config setprop qmail status disabled
	expect_status 100 "not writable"
	expect_err "smemail: cannot lock '/home/e-smith/db/configuration': \
permission denied
next: run it as root, or with --root DIR" "it says what is denied"
	unchanged "not writable"
	run nobody "$SMEMAIL" config setprop nothing status disabled
	expect_status 0 "nothing to change needs no right"
else
	skip "not writable" "needs root, setpriv and a folder open to nobody"
fi

# a lock that is not given back in time
# shellcheck disable=SC2016
flock -F "$file.lock" sh -c ': >"$1"; exec sleep 60' sh "$tmp/held" &
holder=$!
at_end "kill $holder 2>/dev/null"
if wait_until 30 test -e "$tmp/held"; then
	db configuration setprop qmail status disabled
	expect_status 111 "locked"
	expect_err_like "^smemail: cannot lock '/home/e-smith/db/configuration'\
: held by (pid $holder|another program) for 10 s\$" "it says who holds it"
	expect_err_like "^next: " "and what to do"
	unchanged locked
	db configuration getprop qmail status
	expect_out enabled "reading needs no lock"
else
	skip "locked" "needs flock"
fi

# many at once: each sets its own property (ES-24)
pids=
for i in 1 2 3 4 5 6 7 8; do
	"$SMEMAIL" db many setdefault k t &
	pids="$pids $!"
done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	"$SMEMAIL" db many setdefault k t p$i $i
	"$SMEMAIL" db many setprop k p$i $i &
	pids="$pids $!"
done
bad=0
for pid in $pids; do
	wait "$pid" || bad=1
done
is $bad 0 "all writers end well"
run "$SMEMAIL" db many printprop k
is "$(wc -l <"$out")" 16 "no property is lost"
done_testing
