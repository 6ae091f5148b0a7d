#!/bin/sh
# French without a French locale on the machine: --lang, then LC_ALL,
# LC_MESSAGES, LANG; ids, values and JSON stay as they are.
. "${0%/*}/lib.sh"
new_root

say() { # VARIABLE=VALUE... -- WORDS
	run env -i PATH="$PATH" SMEMAIL_ROOT="$root" "$@"
}
french="smemail: réglage inconnu 'spam.filtre'"
english="smemail: unknown setting 'spam.filtre'"

for way in LC_ALL=fr_FR.UTF-8 LC_MESSAGES=fr_CA LANG=fr 'LANG=fr_FR@euro'; do
	say "$way" "$SMEMAIL" get spam.filtre
	expect_status 2 "$way: the same status"
	check "$way: French" grep -qxF "$french" "$err"
	check "$way: with a next step" grep -q '^suite.*: smemail ' "$err"
done
say LC_ALL=C LANG=fr_FR.UTF-8 "$SMEMAIL" get spam.filtre
check "LC_ALL goes before LANG" grep -qxF "$english" "$err"
say LANG=de_DE.UTF-8 "$SMEMAIL" get spam.filtre
check "a language it does not speak is English" grep -qxF "$english" "$err"
say LANG=fra "$SMEMAIL" get spam.filtre
check "fra is not fr" grep -qxF "$english" "$err"
say LANG=fr_FR.UTF-8 "$SMEMAIL" --lang en get spam.filtre
check "--lang goes before all" grep -qxF "$english" "$err"
say "$SMEMAIL" get spam.filtre --lang=fr
check "--lang may stand anywhere" grep -qxF "$french" "$err"

say "$SMEMAIL" --lang fr get spam.reject-level
french_value=$(cat "$out")
say "$SMEMAIL" get spam.reject-level
is "$french_value" "$(cat "$out")" "values are the same"
say "$SMEMAIL" --lang fr mtu --no-tcp 127.0.0.1
expect_out_like '^SAUT +ADRESSE +NOM +RÉPONSE +MTU$' \
	"a column without a head has none in French either"
say "$SMEMAIL" --lang fr --json get spam.reject-level
expect_out_like '"source":"default"' "words of JSON are not translated"
say "$SMEMAIL" --lang fr --ascii get spam.filtre
expect_err_like "^smemail: reglage inconnu" "--ascii has no accents"
say "$SMEMAIL" --lang fr get /nosuch/file --root "$tmp/none"
expect_err_like "fichier ou dossier absent" "reasons of the system too"

# Accents of system errors: LC_CTYPE is "C" where fr_FR is not generated, and
# opening a socket gives one that only the C library has words for (ENXIO).
python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$tmp/socket"
for way in LANG=fr_FR.UTF-8 LC_ALL=fr_FR.UTF-8 LC_ALL=fr; do
	say "$way" "$SMEMAIL" dkim verify "$tmp/socket"
	expect_err_like ' : aucun [^?]*$' "$way: the reason has no ? for an accent"
done
say LANG=fr_FR.UTF-8 "$SMEMAIL" --dns 127.0.0.1:9 spf repair example.test
expect_out_like '^[?]  impossible à vérifier : ' \
	"a colon keeps its no-break space where two texts are joined"
done_testing
