# shellcheck shell=sh
# Helpers of the scenario tests; a test begins with
#	. "${0%/*}/lib.sh"	(from tui/: . "${0%/*}/../lib.sh")
# and ends with: done_testing
#
#	new_root		empty throw-away root; sets $root, SMEMAIL_ROOT
#	run CMD...		sets $status; stdout in $out, stderr in $err (files)
#	expect_status N WHAT	the last run ended so
#	expect_out TEXT WHAT	its stdout is TEXT and a newline ('' for nothing)
#	expect_err TEXT WHAT	the same for stderr
#	expect_out_like RE WHAT	a line of stdout matches the extended regex
#	expect_err_like RE WHAT
#	expect_out_lacks RE WHAT, expect_err_lacks RE WHAT
#	is GOT WANTED WHAT	two texts are equal
#	check WHAT CMD...	the command succeeds
#	check_not WHAT CMD...	it fails
#	wait_until SECONDS CMD...	polls; fails after the deadline
#	one_day			waits where midnight (UTC) is near: "today" stays
#	free_port		prints a port nobody listens on at 127.0.0.1
#	at_end CMD		run when the test ends (stop a daemon by its pid)
#	pass/fail WHAT, skip WHAT REASON, skip_all REASON, note TEXT
set -u

TOP=${TOP:-$(cd "${0%/*}" && git rev-parse --show-toplevel)}
BUILD=${BUILD:-$TOP/${B:-build}}
SMEMAIL=${SMEMAIL:-$BUILD/smemail}
FILTERD=${FILTERD:-$BUILD/smemail-filterd}
export TOP BUILD SMEMAIL FILTERD
LC_ALL=C.UTF-8
LANGUAGE=
export LC_ALL LANGUAGE
unset SMEMAIL_ROOT NO_COLOR

tmp=$(mktemp -d "${TMPDIR:-/tmp}/smemail-e2e.XXXXXX")
chmod 755 "$tmp" # services of other users pass through it
out=$tmp/stdout
err=$tmp/stderr
status=0
tests=0
failures=0
ending=:

finish() {
	result=$?
	trap - EXIT
	eval "$ending"
	cd /
	rm -rf "$tmp"
	exit "$result"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

at_end() {
	ending="$1; $ending"
}

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass() {
	tests=$((tests + 1))
	printf 'ok %d - %s\n' "$tests" "$1"
}

fail() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	printf 'not ok %d - %s\n' "$tests" "$1"
}

skip() {
	tests=$((tests + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tests" "$1" "$2"
}

skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

done_testing() {
	printf '1..%d\n' "$tests"
	[ "$failures" -eq 0 ]
	exit
}

new_root() {
	root=$tmp/root
	rm -rf "$root"
	mkdir -p "$root/home/e-smith/db" "$root/etc/e-smith"
	SMEMAIL_ROOT=$root
	export SMEMAIL_ROOT
}

run() {
	"$@" >"$out" 2>"$err" </dev/null
	status=$?
}

show_run() {
	note "status $status"
	[ ! -e "$out" ] || sed "s/^/# out: /" "$out"
	[ ! -e "$err" ] || sed "s/^/# err: /" "$err"
}

verdict() { # 0|1 WHAT
	if [ "$1" -eq 0 ]; then
		pass "$2"
	else
		fail "$2"
		show_run
	fi
}

expect_status() {
	[ "$status" -eq "$1" ]
	verdict $? "$2"
}

same_text() { # FILE TEXT
	if [ -z "$2" ]; then
		[ ! -s "$1" ]
	else
		printf '%s\n' "$2" | cmp -s - "$1"
	fi
}

expect_out() {
	same_text "$out" "$1"
	verdict $? "$2"
}

expect_err() {
	same_text "$err" "$1"
	verdict $? "$2"
}

expect_out_like() {
	grep -Eq -e "$1" "$out"
	verdict $? "$2"
}

expect_err_like() {
	grep -Eq -e "$1" "$err"
	verdict $? "$2"
}

expect_out_lacks() {
	! grep -Eq -e "$1" "$out"
	verdict $? "$2"
}

expect_err_lacks() {
	! grep -Eq -e "$1" "$err"
	verdict $? "$2"
}

is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3"
		note "got:    $1"
		note "wanted: $2"
	fi
}

# Leaves $status, $out and $err of the last run as they are.
check_run() { # 0|1 WHAT CMD...
	check_wanted=$1 check_what=$2
	shift 2
	"$@" >"$tmp/check" 2>&1 </dev/null
	if [ "$(($? != 0))" -eq "$check_wanted" ]; then
		pass "$check_what"
	else
		fail "$check_what"
		sed 's/^/# /' "$tmp/check"
		show_run
	fi
}

check() {
	check_run 0 "$@"
}

check_not() {
	check_run 1 "$@"
}

# Polling every 50 ms keeps a test as quick as what it waits for.
wait_until() {
	wait_left=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		wait_left=$((wait_left - 1))
		[ "$wait_left" -gt 0 ] || return 1
		sleep 0.05
	done
}

one_day() {
	day_at=$(($(date +%s) % 86400))
	if [ "$day_at" -lt 90 ] || [ "$day_at" -gt 86310 ]; then
		sleep $(((86490 - day_at) % 86400))
	fi
}

free_port() {
	python3 "$TOP/tests/tools/ports.py"
}
