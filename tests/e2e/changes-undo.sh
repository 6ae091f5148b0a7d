#!/bin/sh
# history, blame, undo, diff, drift and saved plans: every change can be seen,
# taken back, or kept until it is wanted.
. "${0%/*}/lib.sh"
one_day

export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
config=$SMEMAIL_ROOT/var/service/qpsmtpd/config
custom=$SMEMAIL_ROOT/etc/e-smith/templates-custom/var/service/qpsmtpd/config
"$SMEMAIL" --root "$SMEMAIL_ROOT" init >/dev/null 2>&1 ||
	skip_all 'init does not work'

quietly() {
	"$SMEMAIL" "$@" >/dev/null 2>&1
}
files() { # every generated file, to the byte
	(cd "$SMEMAIL_ROOT" && find var/service var/qmail etc -type f |
		LC_ALL=C sort | xargs cksum) >"$1"
}
json() { # EXPRESSION of j
	python3 -c "import json, sys
j = json.load(open(sys.argv[1]))
assert ($1), j" "$out"
}

run "$SMEMAIL" history
expect_status 0 'history of a new root'
expect_err 'nothing was changed yet' 'which says so'
run "$SMEMAIL" undo
expect_status 1 'nothing to take back'

files "$tmp/before"
quietly set smtp.greeting one.test
quietly set lists.badhelo Black --for liar.test
run "$SMEMAIL" diff --exit-code
expect_status 3 'diff --exit-code: something waits'
expect_out_like '^--- /var/service/qpsmtpd/config/smtpgreeting$' 'the file now'
expect_out_like '^\+one.test$' 'and its new line'
check 'it is a patch' sh -c "cd '$SMEMAIL_ROOT' && patch --dry-run -p1 <'$out'"
run "$SMEMAIL" diff smtpgreeting
expect_out_lacks 'badhelo' 'one file alone, by the end of its path'
run "$SMEMAIL" --json diff
check 'diff --json' json 'j["schema"] == "smemail.diff/1" and len(j["rows"]) == 2'
run "$SMEMAIL" history
expect_out_like '^ +- +today .* stored, not applied: smtp.greeting one.test' \
	'what is stored stands first'
run "$SMEMAIL" apply
expect_err 'next: smemail undo 1 takes it back' 'how to take it back is told'
quietly set smtp.greeting two.test
quietly apply
run "$SMEMAIL" history
expect_out_like '^ +2 +today .* smtp.greeting two.test$' 'the newest first'
expect_out_like '^ +1 +today .* smtp.greeting one.test, lists.badhelo --for' \
	'each with its settings'
run "$SMEMAIL" --json history
check 'history --json' json 'j["schema"] == "smemail.history/1" and
[r["change"] for r in j["rows"]] == [2, 1] and
j["rows"][0]["state"] == "applied"'
run "$SMEMAIL" history show 2
expect_out_like '^smtp.greeting +one.test +two.test$' 'before and after'
run "$SMEMAIL" --json history show 1
check 'history show --json' json 'j["settings"][1]["target"] == "liar.test" and
j["settings"][1]["old"] is None and j["settings"][1]["new"] == "Black"'
run "$SMEMAIL" history show 9
expect_status 1 'no such change'
run "$SMEMAIL" blame smtp.greeting
expect_out_like '^ +2 +today .* one.test -> two.test$' 'blame: the newest'
expect_out_like '^ +1 +today .* - -> one.test$' 'blame: the first'
run "$SMEMAIL" blame lists.badhelo --for liar.test
expect_out_like ' liar.test: - -> Black$' 'blame of an entry'
run "$SMEMAIL" blame spam.tag-level
expect_status 1 'blame of a setting that was not changed'
quietly config setprop smtpd Greeting three.test
run "$SMEMAIL" blame smtp.greeting
expect_err_like 'another program has changed it since: now three.test' \
	'blame: another program'
quietly config setprop smtpd Greeting two.test

# a later change of the same setting stands in the way
run "$SMEMAIL" undo 1
expect_status 2 'undo of a change that was changed again is refused'
expect_err_like "'smtp.greeting' was changed again: change 2, today" 'by which'
expect_err_like '^next: smemail undo 1 --skip leaves' 'and what to do'
is "$("$SMEMAIL" get smtp.greeting)" two.test 'nothing is taken back'
run "$SMEMAIL" undo 1 --skip --dry-run
expect_out_like 'lists.badhelo --for liar.test +Black -> -' 'undo --dry-run'
is "$("$SMEMAIL" get lists.badhelo --for liar.test)" Black 'stores nothing'
run "$SMEMAIL" undo
expect_status 0 'undo without a number'
expect_out_like '^change 2 taken back by change 3$' 'takes the newest'
is "$(cat "$config/smtpgreeting")" one.test 'the file is that of before'
run "$SMEMAIL" undo
expect_out_like '^change 1 taken back by change 4$' 'again: the one before'
files "$tmp/after"
check 'every file is back to the byte' cmp "$tmp/before" "$tmp/after"
run "$SMEMAIL" undo
expect_status 1 'and then there is none left'
run "$SMEMAIL" undo 4
expect_out_like '^change 4 taken back by change 5$' 'an undo can be undone'
is "$(cat "$config/smtpgreeting")" one.test 'by its number'
run "$SMEMAIL" history
expect_out_like '^ +1 .*taken back by change 4: ' 'history tells what was undone'
run "$SMEMAIL" undo nine
expect_status 2 'undo of what is no number'
run "$SMEMAIL" undo 99
expect_status 1 'undo of a change that is not there'
expect_err_like 'there is no change 99' 'which is told'

# what another program changed since stands in the way too
quietly config setprop smtpd Greeting panel.test
run "$SMEMAIL" undo 5
expect_status 2 'a value of another program'
expect_err_like "'smtp.greeting' was changed by another program" 'is told'
run "$SMEMAIL" undo 5 --force
expect_status 0 'and written over with --force'
is "$("$SMEMAIL" get --stored smtp.greeting)" '' 'to what was before'

# what waits is not swept along; --stored takes it back
quietly set smtp.greeting four.test
quietly apply
quietly set spam.retention-days 40
run "$SMEMAIL" undo
expect_status 2 'undo with another setting stored'
expect_err_like 'would come into force as well' 'is told'
run "$SMEMAIL" undo --stored
expect_status 0 'undo --stored'
expect_out_like '^spam.retention-days: 40 -> 90$' 'takes that back'
run "$SMEMAIL" plan --exit-code
expect_status 0 'and nothing waits'
printf 'geheim\n' | quietly set smarthost.password --stdin ||
	note 'no smarthost.password here'
run "$SMEMAIL" undo
expect_out_like 'taken back by change' 'undo goes on'

# values that were never valid come back as they were
quietly config setprop spamassassin RejectLevel 'no number'
quietly set spam.reject-level 11
quietly apply
quietly undo
is "$("$SMEMAIL" config getprop spamassassin RejectLevel)" 'no number' \
	'a value of another tool comes back to the byte'
quietly config delprop spamassassin RejectLevel
quietly apply

# saved plans
quietly set smtp.greeting plan.test
run "$SMEMAIL" plan -o "$tmp/plan"
expect_err_like "^next: smemail apply $tmp/plan$" 'a plan is kept'
run "$SMEMAIL" apply --dry-run "$tmp/plan"
expect_out_like 'smtp.greeting' 'apply --dry-run shows the plan'
run "$SMEMAIL" apply "$tmp/plan"
expect_status 0 'and applied'
run "$SMEMAIL" apply "$tmp/plan"
expect_status 100 'but only once'
expect_err_like 'is out of date: change [0-9]+ was applied at' 'as it was applied'
moved() { # WHAT TEXT
	run "$SMEMAIL" apply "$tmp/plan"
	expect_status 100 "$1: the plan is refused"
	expect_err_like "plan '$tmp/plan' is out of date: $2" "$1: told"
	expect_err_like "^next: smemail plan -o $tmp/plan$" "$1: next step"
	expect_out '' "$1: nothing is done"
}
again() {
	quietly plan -o "$tmp/plan"
}
quietly set smtp.greeting later.test
again
quietly set spam.tag-level 6
moved 'a setting' "'spam.tag-level' changed at [0-9:]+ by"
again
quietly db networks set 10.9.0.0 network Mask 255.255.0.0
moved 'a record' "the database 'networks' was changed by another program"
again
echo 'by hand' >>"$config/badhelo"
moved 'a file' "the file '/var/service/qpsmtpd/config/badhelo' was changed"
again
mkdir -p "$custom/badhelo"
echo own.test >"$custom/badhelo/99own"
moved 'a fragment' "'/var/service/qpsmtpd/config/badhelo' would come out"
rm -r "$custom/badhelo"
head -c 300 "$tmp/plan" >"$tmp/cut"
run "$SMEMAIL" apply "$tmp/cut"
expect_status 2 'a plan cut short'
expect_err_like 'is damaged' 'is told'
head -c 3000 /dev/urandom >"$tmp/cut"
run "$SMEMAIL" apply "$tmp/cut"
expect_status 2 'a file that is no plan'
expect_err_like 'is not a plan' 'is told'
run "$SMEMAIL" apply "$tmp/none"
expect_status 100 'a plan that is not there'
quietly apply

# drift: by hand, or only waiting for an apply
run "$SMEMAIL" drift
expect_status 0 'no drift after an apply'
quietly set smtp.greeting waits.test
run "$SMEMAIL" drift
expect_status 0 'what waits is no drift'
echo 'by hand' >>"$config/badhelo"
rm "$config/badmailfrom"
run "$SMEMAIL" drift
expect_status 1 'drift'
expect_out_like '^edited +/var/service/qpsmtpd/config/badhelo$' 'an edited file'
expect_out_like '^  -by hand$' 'its line'
expect_out_like '^missing +/var/service/qpsmtpd/config/badmailfrom$' 'a lost one'
expect_out_lacks 'smtpgreeting' 'not the one that waits'
run "$SMEMAIL" --json drift
check 'drift --json' json 'j["schema"] == "smemail.drift/1" and
sorted(r["state"] for r in j["rows"]) == ["edited", "missing"]'
quietly apply
mkdir -p "$custom/smtpgreeting" "$custom/badhelo"
"$SMEMAIL" template show smtpgreeting >"$tmp/pieces"
piece=$(awk '$2 == "smemail" { print $1; exit }' "$tmp/pieces")
echo 'mine.test' >"$custom/smtpgreeting/${piece:-10smtpgreeting}"
echo x >"$custom/badhelo/90old~"
stray=$SMEMAIL_ROOT/etc/e-smith/templates-custom/etc/nonsense/deep
mkdir -p "$stray"
echo x >"$stray/10x"
run "$SMEMAIL" drift
expect_out_like '^hides .*templates-custom/.*/smtpgreeting/' 'a hiding fragment'
expect_out_like 'without effect there:.* smtp.greeting' 'and the setting it hides'
expect_out_like '^skipped .*/badhelo/90old~$' 'a backup file'
expect_out_like '^stale .*/nonsense/deep/10x$' 'one of no template'
run env LC_ALL=fr_FR.UTF-8 LANGUAGE=fr "$SMEMAIL" --lang fr drift
expect_out_like "n’appartient à aucun modèle" 'in French'

# a journal that cannot be read says so
journal=$SMEMAIL_ROOT/var/lib/smemail/journal
cp "$journal" "$tmp/journal"
head -c 2000 /dev/urandom >"$journal"
run "$SMEMAIL" history
expect_status 100 'a journal of random bytes'
expect_err_like "'/var/lib/smemail/journal' is damaged: none of its" 'is no empty one'
expect_err_like '^next: mv /var/lib/smemail/journal' 'and what to do'
run "$SMEMAIL" set spam.tag-level 7
expect_status 100 'nothing is added to it'
run "$SMEMAIL" plan
expect_err_like '! .*is damaged' 'plan warns of it'
head -c $(($(wc -c <"$tmp/journal") - 7)) "$tmp/journal" >"$journal"
run "$SMEMAIL" history
expect_status 0 'a journal cut off in a line'
expect_err_like 'ends in the middle of a line' 'is told'
{ cat "$tmp/journal"; printf 'x y\000z\n'; } >"$journal"
run "$SMEMAIL" history
expect_err_like 'is damaged: 1 line of' 'one bad line is told'
done_testing
