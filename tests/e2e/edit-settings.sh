#!/bin/sh
# smemail edit (issue 3, item 4): settings as a text, stored as one change.
. "${0%/*}/lib.sh"
. "${0%/*}/lib_settings.sh"
settings_root
mkdir "$tmp/drafts"
TMPDIR=$tmp/drafts
export TMPDIR
unset VISUAL

# editor SED-SCRIPT: keeps what it was given, notes the mode, changes it
editor() {
	printf '%s\n' "$1" >"$tmp/change.sed"
	cat >"$tmp/editor" <<END
#!/bin/sh
printf '%s\n' "\$#" >"$tmp/words"
for file; do :; done
stat -c %a "\$file" >"$tmp/mode"
cp "\$file" "$tmp/given"
sed -f "$tmp/change.sed" "$tmp/given" >"\$file"
END
	chmod +x "$tmp/editor"
	EDITOR=$tmp/editor
	export EDITOR
}

editor 's/^spam.reject-level = 12$/spam.reject-level = 14/
s/^#spam.subject-tag = .*/spam.subject-tag = enabled/
s/^spam.tag-level = 4/#&/'
run "$SMEMAIL" edit --dry-run spam
expect_status 0 "--dry-run"
expect_out_like '^spam.reject-level: 12 -> 14, not stored' "--dry-run tells"
nothing_changed "--dry-run stores nothing"
is "$(cat "$tmp/mode")" 600 "the file is for its owner alone"
EDITOR="$tmp/editor --wait"
run "$SMEMAIL" edit spam
expect_status 0 "an area is edited"
is "$(cat "$tmp/words")" 2 "words of EDITOR are arguments"
expect_out_like '^spam.reject-level: 12 -> 14, stored' "a value is changed"
expect_out_like '^spam.tag-level: 4 -> ' "a line put away is removed"
run "$SMEMAIL" get --stored spam.reject-level spam.subject-tag
expect_out '14
enabled' "what was behind # is stored"
run "$SMEMAIL" get --stored spam.tag-level
expect_status 1 "what was put away is not stored"
check "no file is left" rmdir "$tmp/drafts"
mkdir "$tmp/drafts"

rm -rf "$tmp/before"
settings_root
editor ''
run "$SMEMAIL" edit spam
expect_status 1 "an empty difference is no change"
EDITOR=false
run "$SMEMAIL" edit spam
expect_status 1 "an editor that fails changes nothing"
nothing_changed "nothing is stored then"
check "no file is left after a failure" rmdir "$tmp/drafts"
mkdir "$tmp/drafts"

editor 's/^spam.reject-level = .*/spam.reject-level = many/
s/^spam.tag-level = .*/spam.tag-level = 5/'
run "$SMEMAIL" edit spam.reject-level spam.tag-level
expect_status 2 "one wrong value"
expect_err_like "line [0-9]+: .*'many'" "is told with its line"
nothing_changed "and nothing at all is stored"
editor '$a no.such = 1'
run "$SMEMAIL" edit spam.reject-level
expect_status 2 "another name is refused"
editor '$a spam.reject-level = 3'
run "$SMEMAIL" edit spam.reject-level
expect_err_like 'stands on line' "a name twice is refused"
editor '$a nonsense'
run "$SMEMAIL" edit spam.reject-level
expect_err_like 'is not NAME = VALUE' "a line of another form is refused"
nothing_changed "none of them stored anything"

editor 's/^/# /'
run "$SMEMAIL" edit delivery.smarthost-password delivery.smarthost
check_not "a secret is not in the text" grep -q geheim "$tmp/given"
check "but it is named" grep -q 'smemail set .*password --stdin' "$tmp/given"

run "$SMEMAIL" edit nothing.here
expect_status 2 "an unknown name"

# On a terminal the editor opens again with the reason below the line.
settings_root
cat >"$tmp/editor" <<END
#!/bin/sh
cp "\$1" "$tmp/given"
if grep -q '^#! ' "\$1"; then
	sed -i 's/= many/= 13/' "\$1"
else
	sed -i 's/^spam.reject-level = .*/spam.reject-level = many/' "\$1"
fi
END
EDITOR=$tmp/editor
python3 - "$SMEMAIL" edit spam.reject-level >"$out" 2>"$err" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
told = b""
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    if b"again" not in told and b"again" in told + got:
        os.write(fd, b"\n")
    told += got
print(told.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
status=$?
expect_status 0 "on a terminal it is edited until it is right"
check "the reason stood below the line" grep -q "^#! .*'many'" "$tmp/given"
is "$("$SMEMAIL" get --stored spam.reject-level)" 13 "and then it is stored"
done_testing
