#!/bin/sh
# tools/demo without terminal and with nothing in the environment, twice; and
# into a folder that is kept.
. "${0%/*}/lib.sh"

[ "$BUILD" = "$TOP/build" ] || skip_all 'the demo builds and runs build/'
command -v swaks >/dev/null || skip_all 'swaks is not installed'
command -v runsvdir >/dev/null || skip_all 'runit is not installed'

for turn in first second; do
	run env -i "$TOP/tools/demo"
	expect_status 0 "the $turn time"
	expect_out_like '^demo: everything happened as expected$' \
		"the $turn time: all is as expected"
done
expect_out_like '^<\*\* 550 .*badmailfrom' 'a sender was refused'
expect_out_like '^<\*\* 550 .*Relaying denied' 'relaying was denied'
expect_out_like '^\$ smemail plan$' 'commands are shown'

kept=$tmp/kept
run env -i PATH="$PATH" "$TOP/tools/demo" "$kept"
expect_status 0 'a folder of its own'
expect_out_like "kept in $kept" 'it is kept'
check 'with the mail in it' test -n \
	"$(ls "$kept/home/e-smith/files/users/anna/Maildir/new")"
run "$SMEMAIL" --root "$kept" service status
expect_status 1 'and nothing of it runs'
run env -i "$TOP/tools/demo" "$kept"
expect_status 2 'a folder that holds something is refused'
expect_err_like 'is not empty; name a new folder' 'and told so'

done_testing
