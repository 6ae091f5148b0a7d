#!/bin/sh
# What the administrator is told when the system refuses: the reason, what
# helps, and an exit status a script can use.
. "${0%/*}/lib.sh"
new_root
run "$SMEMAIL" init --root "$tmp/mail"
expect_status 0 "a root to work in"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT

# results that cannot be delivered, small ones and ones larger than a buffer
for words in "get spam.reject-level" "list" "list --json" \
	"describe spam.filter"; do
	# shellcheck disable=SC2086
	run sh -c '"$SMEMAIL" "$@" >/dev/full' sh $words
	expect_status 111 "$words: a full disk under stdout"
	expect_err_like "cannot write to standard output: no space left" \
		"$words: the reason is told"
	# shellcheck disable=SC2086
	run sh -c '"$SMEMAIL" "$@" >&-' sh $words
	expect_status 111 "$words: stdout is closed"
	expect_err_like "cannot write to standard output: bad file" \
		"$words: and that is told"
done
run sh -c '"$SMEMAIL" list --json >&-'
expect_err_like '"exit":111' "the error object has the status"

# programs get JSON from every command, also where it was asked for late
for words in "list" "get spam.filter" "describe spam.filter" "plan" "apply" \
	"user list" "service list" "status" "event list" "init" "down" \
	"event show email-update" "set spam.filter enabled" \
	"unset spam.filter"; do
	for option in --json --jsonl; do
		# shellcheck disable=SC2086
		run "$SMEMAIL" $words $option
		check "$words $option: every line is an object with a schema" \
			python3 -c 'import json, sys
for line in open(sys.argv[1]):
    assert json.loads(line)["schema"].startswith("smemail.")
assert line' "$out"
	done
done
for words in "frob --json" "list --frob --json" "get --jsonl" "list x --json"; do
	# shellcheck disable=SC2086
	run "$SMEMAIL" $words
	expect_status 2 "$words: wrong usage"
	expect_err_like '^[{]"schema":"smemail.error/1"' "$words: told in JSON"
done
run "$SMEMAIL" frob -- --json
expect_err_like "^smemail: unknown command" "behind -- it is no option"

# both streams to one file: results first, then the words about them
run sh -c '"$SMEMAIL" set spam.tag-level 6 2>&1'
is "$(tail -n 1 "$out")" "next: smemail plan" "one file: next comes last"

# an unset variable in a script must not mean the machine itself
run "$SMEMAIL" list --root ''
expect_status 2 "--root '' is refused"
expect_err_like "option '--root' is empty" "and told"
run "$SMEMAIL" db --root= configuration show
expect_status 2 "--root= is refused"

# a configuration database that lost its records is not put into force
file=$SMEMAIL_ROOT/home/e-smith/db/configuration
cp "$file" "$tmp/whole"
cp "$SMEMAIL_ROOT/var/qmail/control/locals" "$tmp/locals"
: >"$file"
for words in "plan" "apply"; do
	run "$SMEMAIL" "$words"
	expect_status 100 "an emptied database: $words"
	expect_err_like "/configuration' has no 'DomainName'" "$words tells"
	expect_err_like "^next: restore it" "$words: what helps"
done
check "an emptied database: files are left as they were" \
	cmp "$SMEMAIL_ROOT/var/qmail/control/locals" "$tmp/locals"
cp "$tmp/whole" "$file"
run "$SMEMAIL" plan
expect_status 0 "restored: plan"

# a place where nothing can be made is named as it was given
run "$SMEMAIL" init --root /proc/nowhere
expect_status 100 "no root below /proc"
expect_err_like "cannot make folder '/proc/nowhere': no such file" "it is named"

# a disk without room, and one that is read-only
disk() {
	mkdir "$tmp/disk"
	if [ "$(id -u)" -ne 0 ] || ! command -v runsvdir >/dev/null ||
	    ! mount -t tmpfs -o size=700k tmpfs "$tmp/disk" 2>/dev/null; then
		skip "a disk of its own" "needs root, runit and a mount"
		return
	fi
	# shellcheck disable=SC2016
	at_end 'SMEMAIL_ROOT=$tmp/disk/root "$SMEMAIL" down >/dev/null 2>&1
		umount "$tmp/disk"'
	(
		SMEMAIL_ROOT=$tmp/disk/root
		export SMEMAIL_ROOT
		"$SMEMAIL" init --root "$SMEMAIL_ROOT" >/dev/null 2>&1
		"$SMEMAIL" set "smtp.port=$(free_port)" >/dev/null 2>&1
		cp "$SMEMAIL_ROOT/home/e-smith/db/configuration" "$tmp/before"
		cat /dev/zero >"$tmp/disk/fill" 2>/dev/null
	)
	where=$tmp/disk/root
	run "$SMEMAIL" --root "$where" set spam.tag-level 3
	expect_status 111 "full disk: set"
	expect_err_like "no space left" "full disk: set tells"
	expect_err_like "^next: make room" "full disk: and what helps"
	check "full disk: nothing changed" \
		cmp "$where/home/e-smith/db/configuration" "$tmp/before"
	run "$SMEMAIL" --root "$where" up
	expect_status 111 "full disk: up"
	check_not "full disk: no supervisor is left behind" \
		grep -qlz "$where/service" /proc/[0-9]*/cmdline
	rm "$tmp/disk/fill"
	run "$SMEMAIL" --root "$where" set spam.tag-level 3
	expect_status 0 "with room again: set"
	cp "$where/home/e-smith/db/configuration" "$tmp/before"
	if ! mount -o remount,ro "$tmp/disk" 2>/dev/null; then
		skip "a read-only disk" "cannot mount it so"
		return
	fi
	run "$SMEMAIL" --root "$where" get spam.tag-level
	expect_out 3 "read-only: get"
	for words in "set spam.tag-level 4" "apply" "up"; do
		# shellcheck disable=SC2086
		run "$SMEMAIL" --root "$where" $words
		expect_status 100 "read-only: $words"
		expect_err_like "read-only file system" "read-only: $words tells"
		expect_err_like "^next: mount that disk" "read-only: $words helps"
	done
	run "$SMEMAIL" init --root "$tmp/disk/new"
	expect_err_like "cannot make folder '.*/disk/new': read-only" \
		"read-only: init tells"
	check "read-only: nothing changed" \
		cmp "$where/home/e-smith/db/configuration" "$tmp/before"
}
disk

# a database that may not be read
if [ "$(id -u)" -ne 0 ] || ! command -v setpriv >/dev/null; then
	skip "reading as another user" "needs root and setpriv"
else
	chmod 755 "$tmp"
	as() {
		run setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
	for words in "get spam.filter" "service list" "status" "user list" \
		"service restart qpsmtpd" "config show" "plan" "apply" "up"; do
		# shellcheck disable=SC2086
		as "$SMEMAIL" $words
		expect_status 100 "$words: not for everybody"
		expect_err_like "permission denied" "$words: the reason"
		expect_err_like "^next: run it as root, or with --root DIR" \
			"$words: what helps"
		expect_out '' "$words: nothing else is claimed"
	done
fi
done_testing
