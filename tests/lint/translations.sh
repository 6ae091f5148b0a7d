#!/bin/sh
# po/ holds every text of the sources, and French says all of it. After new
# texts: make po, then fill the empty msgstr of po/fr.po.
. "${0%/*}/../e2e/lib.sh"
cd "$TOP" || exit 1
command -v xgettext >/dev/null || skip_all "gettext is not installed"

mkdir "$tmp/po"
check "texts can be collected" tools/po --check "$tmp/po"
for po in po/*.po; do
	name=${po##*/}
	msgattrib --untranslated "$tmp/po/$name" | grep '^msgid ".' >"$out"
	is "$(cat "$out")" "" "$name: nothing is untranslated"
	msgattrib --only-fuzzy "$tmp/po/$name" | grep '^msgid ".' >"$out"
	is "$(cat "$out")" "" "$name: nothing is fuzzy"
	check "$name: forms and arguments agree" \
		msgfmt --check --output-file=/dev/null "$tmp/po/$name"
done

# typography: a no-break space before : ; ? ! in French prose (U+00A0 only)
msgattrib --translated --no-obsolete --no-wrap po/fr.po | grep '^msgstr' |
	grep -E "[[:alpha:]'»)] [:;?!]( |\"|$)" >"$out"
is "$(cat "$out")" "" "fr.po: no-break spaces before : ; ? !"
msgattrib --translated --no-obsolete --no-wrap po/fr.po | grep '^msgstr' |
	grep "$(printf '\342\200\257')" >"$out"
is "$(cat "$out")" "" "fr.po: U+00A0, never U+202F"
done_testing
