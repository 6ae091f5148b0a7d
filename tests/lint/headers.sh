#!/bin/sh
# Each header compiles alone.
. "${0%/*}/../e2e/lib.sh"
cd "$TOP" || exit 1
: >"$tmp/wrong"
for header in core/*/*.h cmd/*.h cmd/*/*.h tui/*.h tui/*/*.h; do
	[ -f "$header" ] || continue
	printf '#include "%s"\ntypedef int not_empty;\n' "$header" >"$tmp/one.c"
	${CC:-gcc} -std=c17 -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE -I. \
		-Wall -Wextra -Werror -fsyntax-only "$tmp/one.c" \
		>"$tmp/said" 2>&1 || {
		echo "$header" >>"$tmp/wrong"
		note "$(head -n 3 "$tmp/said")"
	}
done
is "$(cat "$tmp/wrong")" "" "each header compiles alone"
done_testing
