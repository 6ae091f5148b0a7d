#!/bin/sh
# smemail shell with commands from a pipe: quoting, statuses, comments.
. "${0%/*}/lib.sh"
new_root

feed() { # LINES...
	printf '%s\n' "$@" >"$tmp/lines"
	"$SMEMAIL" shell <"$tmp/lines" >"$out" 2>"$err"
	status=$?
}

feed
expect_status 0 "nothing to do is done"
feed 'help help' '# a comment' '' 'completion zzz'
expect_status 2 "the status is that of the last command"
expect_out_like '^smemail help' "each line is run"
feed 'completion zzz' 'help help'
expect_status 0 "a failure does not stop the lines after it"
feed "help 'hel" 'help'
expect_err_like "the quote ' is not closed" "an open quote is said"
feed 'quit' 'completion zzz'
expect_status 0 "quit ends before the lines after it"
expect_err '' "and nothing more is run"
feed '--json zzz' 'zzz'
expect_err_like '^smemail: unknown command' "a global option holds for one line"
feed ':lang fr' ':lang xx'
expect_status 2 ":lang refuses what it does not speak"

feed 'db t set k t a "b \"c\" \\d"' "db t setprop k e 'x y' f \\'z"
expect_status 0 "quoted words are stored"
feed 'db t getprop k a' 'db t getprop k e' 'db t getprop k f'
expect_out 'b "c" \d
x y
'"'z" "double, single quotes and backslash keep what they say"

done_testing
