#!/bin/sh
# Manual pages: mandoc finds nothing, each has the sections every page has.
. "${0%/*}/../e2e/lib.sh"
command -v mandoc >/dev/null || skip_all "mandoc is not installed"

for page in "$BUILD"/man/*.[1-9]; do
	name=${page##*/}
	# pages not installed yet are referenced by their neighbours
	mandoc -T lint "$page" 2>&1 |
		grep -v 'referenced manual not found: Xr smemail' >"$out"
	is "$(cat "$out")" "" "$name has no complaint of mandoc"
	for section in NAME DESCRIPTION 'EXIT STATUS' FILES EXAMPLES; do
		grep -qx ".Sh $section" "$page" || echo "$section"
	done >"$out"
	is "$(cat "$out")" "" "$name has all sections"
	is "$(grep -c '@$' "$page")" 0 "$name has its lists filled in"
done
done_testing
