#!/bin/sh
# log follow: which services, how many lines, in which form, and how it ends.
. "${0%/*}/lib.sh"
new_root
TZ=UTC
export TZ
log=$root/var/log

run "$SMEMAIL" log follow --timeout 0
expect_status 1 "no logs at all: the answer is no"
expect_err "smemail: no mail service has logs in '/var/log'
next: smemail up" "and the next step is told"
run "$SMEMAIL" log follow qpsmtp --timeout 0
expect_status 2 "an unknown service is wrong usage"
expect_err "smemail: unknown service 'qpsmtp'; there are no mail logs in '/var/log'" \
	"without logs"

mkdir -p "$log/qpsmtpd" "$log/qmail" "$log/samba"
terse='logging::logterse: `'
t='	'
cat >"$log/qpsmtpd/current" <<E2
@400000005a1d7d9000000001 7 Connection from mx.test [192.0.2.9]
@400000005a1d7d9000000005 7 (deny) $terse 192.0.2.9${t}mx.test${t}mx${t}<a@b.test>${t}<c@d.test>,<e@d.test>${t}spamassassin${t}901${t}too much${t}Yes, score=18.40 required=5.0
@400000005a1d7d9100000000 8 (queue) $terse 192.0.2.8${t}ok.test${t}ok${t}<>${t}<c@d.test>${t}queued${t}${t}<id@x>
@400000005a1d7d9200000000 9 (deny) $terse 192.0.2.7${t}Unknown${t}${t}${t}${t}loadcheck${t}904${t}busy
E2
printf '@400000005a1d7d9000000003 new msg 1\nno label\n@400000005a1d7d9300000000 end msg \0331\n' \
	>"$log/qmail/current"

run "$SMEMAIL" log follow smaba --timeout 0
expect_err "smemail: unknown service 'smaba'; there are logs of qpsmtpd, qmail
next: smemail log follow qpsmtpd" "an unknown service: what exists is told"
run "$SMEMAIL" log follow samba --timeout 0
expect_status 2 "a directory without log files is no service"
run "$SMEMAIL" log follow ../log/qmail/.. --timeout 0 -n x
expect_status 2 "a number is a number"
expect_err_like "cannot set '--lines': 'x' is not a whole number" "and is named"

run "$SMEMAIL" log follow qpsmtpd --timeout 0
expect_status 0 "--timeout ends it"
expect_out "2017-11-28 15:15:18  qpsmtpd            7 Connection from mx.test [192.0.2.9]
2017-11-28 15:15:18  qpsmtpd  refused   a@b.test -> c@d.test, e@d.test  spamassassin too much, score 18.40
2017-11-28 15:15:19  qpsmtpd  queued    <> -> c@d.test  <id@x>
2017-11-28 15:15:20  qpsmtpd  deferred  192.0.2.7 -> -  loadcheck busy" \
	"time, service, verdict, story"
run "$SMEMAIL" log follow qpsmtpd --verdicts --timeout 0 -n 2
is "$(cut -c31-37 "$out" | tr '\n' ,)" "queued ,deferre," \
	"LG-66 --verdicts and -n 2: as qplogtail"
run "$SMEMAIL" log follow qpsmtpd --verdicts --timeout 0 -n 3
is "$(wc -l <"$out")" 3 "-n counts verdicts, not the lines between them"
run "$SMEMAIL" log follow qpsmtpd --timeout 0 --keep 'REFUSED|queued' \
	--drop '<>'
is "$(wc -l <"$out")" 0 "a capital makes --keep exact"
run "$SMEMAIL" log follow qpsmtpd --timeout 0 --keep 'refused|queued' \
	--drop '<>'
is "$(cut -c31-37 "$out" | tr '\n' ,)" "refused," "--keep and --drop stack"
run "$SMEMAIL" log follow qpsmtpd --timeout 0 -n 1 --keep '/a@[a-z]/' \
	--keep much
is "$(wc -l <"$out")" 1 "--keep twice, one a pattern; -n counts what passes"
run "$SMEMAIL" log follow --timeout 0
is "$(cut -c 22-28 "$out" | tr '\n' ,)" \
	"qpsmtpd,qmail  ,qmail  ,qpsmtpd,qpsmtpd,qpsmtpd,qmail  ," \
	"all services in the order of time; lines without label stay put"
expect_out_like '^-  +qmail +no label$' "a line without a time"
expect_out_like 'end msg \\x1b1$' "control characters are shown"
run "$SMEMAIL" log follow qmail --raw --timeout 0
check "--raw prints the bytes of the file" cmp "$out" "$log/qmail/current"
run "$SMEMAIL" log follow "$log/qmail" --raw --timeout 0
check "a directory by its path" cmp "$out" "$log/qmail/current"
run "$SMEMAIL" log follow "$log/qmail/current" --raw --timeout 0
check "a file by its path" cmp "$out" "$log/qmail/current"
run "$SMEMAIL" log follow qmail --count 2 --timeout 30
is "$(wc -l <"$out")" 2 "--count ends it"
run "$SMEMAIL" log follow qmail --count 9 --timeout 0
expect_status 1 "--timeout before --count: the answer is no"

for option in --json --jsonl; do
	run "$SMEMAIL" log follow qpsmtpd qmail "$option" --timeout 0
	check "$option: one object a line, with the keys promised" python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
keys = ("schema time label service kind verdict pid severity client helo from "
        "to rule hook plugin plugin_raw result code text score continued raw").split()
assert len(rows) == 7 and all(list(r) == keys for r in rows), rows
assert all(r["schema"] == "smemail.log.follow/1" for r in rows)
spam = [r for r in rows if r["rule"] == "spamassassin"][0]
assert spam["time"] == "2017-11-28T15:15:18.000000005+00:00", spam
assert spam["label"] == "@400000005a1d7d9000000005"
assert (spam["kind"], spam["verdict"]) == ("logterse", "refused")
assert spam["client"] == {"ip": "192.0.2.9", "name": "mx.test"}
assert spam["from"] == "a@b.test" and spam["to"] == ["c@d.test", "e@d.test"]
assert (spam["code"], spam["text"], spam["score"]) == ("901", "too much", 18.4)
other = [r for r in rows if r["raw"] == "no label"][0]
assert other["time"] is None and other["label"] is None
assert other["kind"] == "other" and other["text"] == "no label"
assert rows[-1]["text"] == "end msg \x1b1"
' "$out"
done

# on a terminal: colour on the verdict, reasons go on, other lines are cut
if command -v script >/dev/null; then
	on_terminal() {
		script -qec "stty cols 60; $*" /dev/null | tr -d '\r'
	}
	unset NO_COLOR
	on_terminal "TERM=xterm '$SMEMAIL' log follow qpsmtpd -n 4 --timeout 0" \
		>"$tmp/shown"
	is "$(sed 's/\x1b\[\([0-9]*\)m/(\1)/g' "$tmp/shown")" \
		"2017-11-28 15:15:18  qpsmtpd            7 Connection from m…
2017-11-28 15:15:18  qpsmtpd  (31)refused(0)   a@b.test ->
                     c@d.test, e@d.test  spamassassin too
                     much, score 18.40
2017-11-28 15:15:19  qpsmtpd  (32)queued(0)    <> -> c@d.test
                     <id@x>
2017-11-28 15:15:20  qpsmtpd  (33)deferred(0)  192.0.2.7 -> -
                     loadcheck busy" "on a terminal of 60 columns"
	on_terminal "NO_COLOR=1 '$SMEMAIL' log follow qmail --raw --timeout 0" \
		>"$tmp/shown"
	is "$(tail -n 1 "$tmp/shown")" '@400000005a1d7d9300000000 end msg \x1b1' \
		"--raw shows control characters there"
else
	skip "on a terminal of 60 columns" "no script"
	skip "--raw shows control characters there" "no script"
fi

# new lines, and a service whose log appears later (LG-21)
"$SMEMAIL" log follow qpsmtpd sqpsmtpd -n 0 >"$tmp/live" 2>"$tmp/note" &
pid=$!
at_end "kill $pid 2>/dev/null"
# shellcheck disable=SC2317 # both are called by wait_until
lines() {
	[ "$(wc -l <"$tmp/live")" -ge "$1" ]
}
# shellcheck disable=SC2317 # it has the file, and waits for more
follows() {
	[ -n "$(find "/proc/$pid/fd" -lname "$log/qpsmtpd/current")" ] &&
		grep -q '^State:.*sleeping' "/proc/$pid/status"
}
wait_until 30 follows
echo '@400000005a1d7d9400000000 7 one' >>"$log/qpsmtpd/current"
check "a new line is shown" wait_until 30 lines 1
mkdir "$log/sqpsmtpd"
echo '@400000005a1d7d9500000000 7 two' >"$log/sqpsmtpd/current"
check "a log that appears is shown" wait_until 30 lines 2
: >"$log/qpsmtpd/current"
echo '@400000005a1d7d9600000000 7 three' >>"$log/qpsmtpd/current"
check "a log cut short is read again" wait_until 30 lines 3
is "$(sed 's/.* //' "$tmp/live" | tr '\n' ' ')" "one two three " \
	"each once, in order"
is "$(cat "$tmp/note")" \
	"log: qpsmtpd: '/var/log/qpsmtpd' was cut short; reading it from its start again" \
	"and that is said"
kill -INT $pid
status=0
wait $pid || status=$?
is "$status" 130 "an interrupt ends it with 130"

{
	"$SMEMAIL" log follow qmail --timeout 30 2>"$err"
	echo $? >"$tmp/status"
} | head -n 1 >/dev/null
is "$(cat "$tmp/status")" 141 "a reader that goes away is noticed without a new line"
is "$(cat "$err")" '' "without a word"

done_testing
