#!/bin/sh
# Shell scripts pass shellcheck, Python ones compile, C is formatted.
. "${0%/*}/../e2e/lib.sh"
cd "$TOP" || exit 1

tracked() { # PATTERN...
	git -c safe.directory='*' ls-files -co --exclude-standard "$@" |
		while IFS= read -r file; do
			[ ! -f "$file" ] || printf '%s\n' "$file"
		done
}

tracked ':!tests/data' ':!tests/fuzz/*.corpus' |
	xargs awk '/^#!.*[\/ ](ba)?sh$/ || /^# shellcheck shell=/ {
		print FILENAME
	}
	{ nextfile }' >"$tmp/scripts"
if command -v shellcheck >/dev/null; then
	xargs shellcheck <"$tmp/scripts" >"$out" 2>&1
	is "$?" 0 "shell scripts pass shellcheck"
	note "$(head -n 40 "$out")"
	shellcheck -s bash completions/smemail.bash >"$out" 2>&1
	is "$?" 0 "the bash completion passes shellcheck"
	note "$(head -n 40 "$out")"
else
	skip "shell scripts pass shellcheck" "shellcheck is not installed"
fi
while IFS= read -r file; do
	sh -n "$file" || bash -n "$file" || echo "$file"
done <"$tmp/scripts" >"$out" 2>&1
is "$(cat "$out")" "" "shell scripts can be read"

tracked '*.py' | python3 -c 'import ast, sys
for name in sys.stdin.read().splitlines():
    try:
        ast.parse(open(name, encoding="utf-8").read())
    except (SyntaxError, ValueError) as e:
        print("%s: %s" % (name, e))' >"$out" 2>&1
is "$(cat "$out")" "" "Python programs can be read"

# another major version formats differently
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
	tracked '*.c' '*.h' | xargs clang-format --dry-run -Werror >"$out" 2>&1
	is "$(grep -c 'error:' "$out")" 0 "C sources are formatted"
	note "$(grep 'error:' "$out" | cut -d: -f1 | sort | uniq -c)"
else
	skip "C sources are formatted" "clang-format 14 is not installed"
fi
done_testing
