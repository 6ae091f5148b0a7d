#!/bin/sh
# log decode: labels as local time, as tai64nlocal prints them (LG-5 to LG-7).
. "${0%/*}/lib.sh"
TZ=Europe/Paris
export TZ

printf '%s\n' '@400000005a1d7d9f19c9381c status: local 1/20' 'no label' \
	'@400000005A1D7D9F19C9381C capital' '@4000' \
	'@4000000059f51dca00000001' >"$tmp/log"
cat >"$tmp/want" <<'E2'
2017-11-28 16:15:33.432617500 status: local 1/20
no label
@400000005A1D7D9F19C9381C capital
@4000
2017-10-29 02:16:00.000000001
E2
wanted=$(cat "$tmp/want")

run "$SMEMAIL" log decode "$tmp/log"
expect_status 0 "a file is decoded"
expect_out "$wanted" "labels become local time, the rest is copied"
expect_err '' "nothing on stderr"

run sh -c '"$SMEMAIL" log decode <"$1"' - "$tmp/log"
expect_out "$wanted" "standard input without a name"
run sh -c 'cat "$1" | "$SMEMAIL" log decode - "$1"' - "$tmp/log"
expect_out "$wanted
$wanted" "a minus is standard input, files follow"

ln -s "$SMEMAIL" "$tmp/tai64nlocal"
run sh -c '"$1" <"$2"' - "$tmp/tai64nlocal" "$tmp/log"
expect_out "$wanted" "a link named tai64nlocal decodes"

if command -v tai64nlocal >/dev/null; then
	python3 "$TOP/tests/tools/genlogs.py" "$tmp/set" --bytes 3M \
		--no-messages-file >/dev/null
	cat "$tmp"/set/*/current >"$tmp/big"
	printf '@400000005a1d7d9f19c9381c \001\377\200 \r\t\n\n x' >>"$tmp/big"
	"$SMEMAIL" log decode "$tmp/big" >"$tmp/ours"
	tai64nlocal <"$tmp/big" >"$tmp/theirs"
	check "a generated log as tai64nlocal prints it" \
		cmp "$tmp/ours" "$tmp/theirs"
	"$SMEMAIL" log decode <"$tmp/big" | cat >"$tmp/ours"
	check "the same through pipes" cmp "$tmp/ours" "$tmp/theirs"
else
	skip "a generated log as tai64nlocal prints it" "no tai64nlocal"
	skip "the same through pipes" "no tai64nlocal"
fi

printf '@400000005a1d7d9f19c9381c' >"$tmp/end"
run "$SMEMAIL" log decode "$tmp/end"
is "$(cat "$out")" "2017-11-28 16:15:33.432617500" \
	"a label as the last line without newline (LG-7)"

run "$SMEMAIL" log decode --iso "$tmp/log"
expect_out_like '^2017-11-28T16:15:33\.432617500\+01:00 status: local 1/20$' \
	"--iso tells the offset"
expect_out_like '^2017-10-29T02:16:00\.000000001\+02:00$' \
	"in the hour that comes twice too (LG-9)"
run "$SMEMAIL" log decode --relative "$tmp/log"
expect_out_like '^-2645973\.432617499$' "--relative counts from the first"
run "$SMEMAIL" log decode --iso --relative "$tmp/log"
expect_status 2 "--iso and --relative exclude each other"

# foreign bytes on a terminal
printf '@400000005a1d7d9f19c9381c \033]0;x\007 \303\251\n' >"$tmp/evil"
if command -v script >/dev/null; then
	script -qec "'$SMEMAIL' log decode '$tmp/evil'" /dev/null |
		tr -d '\r' >"$tmp/shown"
	is "$(cat "$tmp/shown")" \
		'2017-11-28 16:15:33.432617500 \x1b]0;x\x07 é' \
		"control characters are shown on a terminal"
	script -qec "'$SMEMAIL' log decode --raw '$tmp/evil'" /dev/null |
		tr -d '\r' >"$tmp/shown"
	is "$(head -n 1 "$tmp/shown")" \
		"smemail: cannot write raw bytes to a terminal" \
		"--raw is kept from terminals"
else
	skip "control characters are shown on a terminal" "no script"
	skip "--raw is kept from terminals" "no script"
fi
run "$SMEMAIL" log decode --raw "$tmp/evil"
is "$(cat "$out")" "$("$SMEMAIL" log decode "$tmp/evil")" \
	"elsewhere bytes are as they are"
run "$SMEMAIL" log decode --escape "$tmp/evil"
expect_out '2017-11-28 16:15:33.432617500 \x1b]0;x\x07 é' \
	"--escape shows them everywhere"

run "$SMEMAIL" log decode "$tmp/none"
expect_status 100 "a missing file fails"
expect_err "smemail: cannot open '$tmp/none': no such file or directory" \
	"and is named"
run "$SMEMAIL" log decode "$tmp"
expect_status 100 "a directory fails"
expect_err "smemail: cannot read '$tmp': is a directory
next: smemail log decode $tmp/current" "and its current is suggested"
run sh -c '"$SMEMAIL" log decode "$1" >/dev/full' - "$tmp/log"
expect_status 111 "a full disk is a temporary failure"

# LG-6: what has no valid label is counted
printf '@400000005a1e0000000000ff a\nplain\n@4000 b\n' >"$tmp/mixed"
run "$SMEMAIL" log decode --count "$tmp/mixed" "$tmp/mixed"
expect_status 0 "--count"
expect_err '2 lines with a label
4 lines without one, copied as they are' "says how many had none, over all files"
run "$SMEMAIL" log decode "$tmp/mixed"
expect_err '' "and nothing is said without it"

# more than a pipe holds
i=0
while [ $i -lt 14 ]; do
	cat "$tmp/log" "$tmp/log" >"$tmp/twice"
	mv "$tmp/twice" "$tmp/log"
	i=$((i + 1))
done
{
	"$SMEMAIL" log decode "$tmp/log" 2>"$err"
	echo $? >"$tmp/status"
} | head -n 1 >/dev/null
is "$(cat "$tmp/status")" 141 "a reader that goes away ends it"
is "$(cat "$err")" '' "without a word"

done_testing
