#!/bin/sh
# The command line: words, abbreviations, options, exit statuses.
. "${0%/*}/lib.sh"
new_root

run "$SMEMAIL" --version
expect_status 0 "--version succeeds"
expect_out_like '^smemail [0-9]+\.[0-9]+\.[0-9]+$' "--version prints name and number"

run "$SMEMAIL" hlep
expect_status 2 "an unknown command is wrong usage"
expect_err "smemail: unknown command 'hlep'; did you mean 'help'
next: smemail help --help" "the nearest command is named"
expect_out '' "nothing on stdout"

run "$SMEMAIL" limits
expect_err "smemail: unknown command 'limits'; it is an area of settings
next: smemail list limits" "an area is no command, but known"
run "$SMEMAIL" 'relay & auth'
expect_err_like "^next: smemail list 'relay & auth'$" \
	"what is to be pasted is quoted"
run "$SMEMAIL" zzzzzz
expect_err "smemail: unknown command 'zzzzzz'
next: smemail --help" "a far name gets no suggestion"

run "$SMEMAIL"
expect_status 2 "no command off a terminal is wrong usage"

run "$SMEMAIL" hel
expect_status 0 "an unambiguous beginning is enough"

run "$SMEMAIL" help --jso
expect_status 2 "an unknown option is wrong usage"
expect_err "smemail: unknown option '--jso'; did you mean '--json'
next: smemail help --help" "the nearest option is named"

run "$SMEMAIL" --root
expect_err_like "option '--root' needs a value: DIR" "a missing value is said"
run "$SMEMAIL" help --json=yes
expect_err_like "option '--json' takes no value" "a switch takes no value"
run "$SMEMAIL" --color=blue help
expect_status 2 "--color checks its word"
run "$SMEMAIL" --lang=xx help
expect_status 2 "--lang checks its language"
run "$SMEMAIL" help -- --help
expect_err_like "unknown command '--help'" "after -- nothing is an option"

run "$SMEMAIL" --json zzzzzz
expect_status 2 "the status is the same with --json"
expect_err_like '"schema":"smemail.error/1".*"code":"usage","exit":2,' \
	"an error is a JSON object with --json"

for position in "--help help" "help --help" "help -h"; do
	# shellcheck disable=SC2086
	run "$SMEMAIL" $position
	expect_out_like '^smemail help \[COMMAND\.\.\.\]$' "'$position' explains it"
done

run sh -c '"$SMEMAIL" --help >/dev/full'
expect_status 111 "a full disk under stdout is a temporary failure"
gone='import os, subprocess, sys
r, w = os.pipe()
os.close(r)
n = subprocess.run(sys.argv[1:], stdout=w).returncode
print(n if n >= 0 else 128 - n)'
run python3 -c "$gone" "$SMEMAIL" --help
expect_out 141 "a gone reader ends it as signal 13 does"
expect_err '' "and without a message"

done_testing
