#!/bin/sh
# What __complete offers at each place of a command line.
. "${0%/*}/lib.sh"
new_root
cat >"$root/home/e-smith/db/configuration" <<'DB'
DomainName=example.com
SystemName=mail
spamassassin=service|RejectLevel|12|Sensitivity|custom|status|enabled
sysconfig=configuration|ReleaseVersion|10.1
DB
cat >"$root/home/e-smith/db/accounts" <<'DB'
anna=user|FirstName|Anna
bert=user|FirstName|Bert
staff=group|Description|All of us
DB
printf 'example.com=domain|Description|Our domain\n' \
	>"$root/home/e-smith/db/domains"

offer() {
	run "$SMEMAIL" __complete -- "$@"
}

words() { # the words offered, joined
	cut -f1 "$out" | grep -v '^:' | tr '\n' ' '
}

end() {
	tail -n 1 "$out"
}

offer ''
is "$(words | tr ' ' '\n' | grep -c '^__')" 0 "hidden commands are never offered"
check "commands come with their summary" \
	grep -q "^get	[^	]*	command$" "$out"
offer help ge
is "$(words)" "get " "help completes commands"
offer completion ''
is "$(words)" "bash zsh fish " "fixed words keep their order"
offer get ''
is "$(end)" :nospace "beginnings of ids wait for more"
is "$(words | tr ' ' '\n' | grep -cx 'spam\.')" 1 "ids are offered by beginnings"
offer get spam.re
is "$(words)" "spam.reject-level spam.retention-days " "ids, own changes first"
expect_out_like '^spam\.reject-level	12  ' "with their value now"
offer set spam.sensitivity ''
is "$(words | cut -d' ' -f1,2)" "custom medium" "value now, then default"
expect_out_like '^custom	now; ' "value now is told"
expect_out_like '^medium	default; ' "default is told"
offer set spam.sensitivity=h
is "$(words)" "spam.sensitivity=high " "values after NAME="
offer set rbl.dns=enabled spam.tag-l
is "$(words)$(end)" "spam.tag-level= :nospace" "more assignments after one"
offer set fetchmail.password ''
is "$(end)" ":none a secret: use --stdin" "secrets are never offered"
offer get spamm
is "$(words)" "" "nothing for a wrong beginning"
expect_out_like "^:none no setting begins with 'spamm'" "and why"
offer describe junkmail
check "a word is searched in summaries" grep -q '^spam.sort-junkmail	' "$out"
offer set user.forward keep --for ''
is "$(words)" "anna bert " "targets are records of the setting's kind"
offer user show ''
is "$(words)" "anna bert " "records of a noun"
offer user set anna user.fo
is "$(words)" "user.forward user.forward-address " "settings of a noun"
offer user set anna spam.re
is "$(words)" "" "and no others"
offer db ''
is "$(words)" "accounts configuration domains " "databases"
offer get --for a user.forward
is "$(words)" "user.forward user.forward-address " \
	"options take their value along"
offer list RB
is "$(words)" "RBL " "areas"
offer --root ''
is "$(end)" :dirs "folders are left to the shell"
offer --root "$tmp/none" --lang ''
is "$(words)" "en fr " "languages"
offer --color=n
is "$(words)" "--color=never " "values after --option="
offer log decode --
check "options of the command, then global ones" \
	grep -q '^--relative	' "$out"
offer nosuch ''
is "$(end)" ":none the line begins with an unknown command" "a wrong line"
offer rehearse --hel
is "$(words)$(end)" "--helo --help :end" \
	"options where a file may stand, too, are no files"
offer zzz
is "$(end)" ":none no command begins with 'zzz'" "a wrong first word"
offer why ''
is "$(end)" ":none nothing to offer for WHAT; see: smemail why --help" \
    "where there is nothing to offer, what helps"
offer status x
is "$(end)" ":none no more words belong here" "and where nothing belongs"
offer rehearse --helo ''
is "$(end)" ":none nothing to offer for NAME: what it says in EHLO \
(client.invalid)" "of an option, what it is"
offer --lang fr describe spam.filter
expect_out_like 'Filtrer les pourriels' "descriptions follow the language"

printf 'esc\033[2J=user\nevil\ttab=user\n' >>"$root/home/e-smith/db/accounts"
offer set user.forward keep --for e
is "$(words)" "" "names with control characters are left out"

# tasks: what is there already
"$SMEMAIL" lists add badmailfrom @gone.test >/dev/null 2>&1
"$SMEMAIL" pairs add a@out.test b@example.com >/dev/null 2>&1
"$SMEMAIL" scores set MY_RULE 1 >/dev/null 2>&1
run "$SMEMAIL" __complete -- lists remove badmailfrom ''
expect_out_like '^@gone.test' "entries of a list"
run "$SMEMAIL" __complete -- lists show ''
expect_out_like '^whitelist_from.*data: user@host' "lists, with the forms they take"
run "$SMEMAIL" __complete -- pairs remove ''
expect_out_like '^a@out.test.*b@example.com' "senders of pairs"
run "$SMEMAIL" __complete -- pairs remove a@out.test ''
expect_out_like '^b@example.com' "and whom they may not write to"
run "$SMEMAIL" __complete -- scores reset ''
expect_out_like '^MY_RULE' "rules with a score"
run "$SMEMAIL" __complete -- group exclude sales --user ''
expect_out_like '^[a-z]+.*user' "users for --user"
done_testing
