#!/bin/sh
# What the compiled code calls: nothing banned; core neither prints nor exits.
. "${0%/*}/../e2e/lib.sh"

calls() { # LIBRARY...
	nm -A -u "$@" 2>/dev/null
}

calls "$BUILD/libcore.a" "$BUILD/libcli.a" "$BUILD"/obj/cmd/filterd/*.o |
	grep -E ' U (__)?(strcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|gets|atoi|atol|atof|system|popen|tmpnam|mktemp)(_chk)?$' \
		>"$tmp/banned"
is "$(cat "$tmp/banned")" "" "no banned function is called"

calls "$BUILD/libcore.a" |
	grep -E ' U (exit|__?printf(_chk)?|puts|putchar|stdout|perror|getopt.*|initscr|readline)$' \
		>"$tmp/core"
is "$(cat "$tmp/core")" "" "core neither prints nor exits"

ldd "$BUILD/smemail-filterd" >"$tmp/linked" 2>&1
is "$(grep -E 'ncurses|readline|tinfo' "$tmp/linked")" "" \
	"the daemon links neither ncurses nor readline"

# T-49 ... T-51: these are loaded by the command that needs them
ldd "$BUILD/smemail" >>"$tmp/linked" 2>&1
is "$(grep -E 'libcrypto|libssl|ldns|libspf2' "$tmp/linked")" "" \
	"neither program is linked with what few commands need"
nm -D --defined-only "$BUILD"/libexec/smemail-*.so |
	grep -v -e '^$' -e ':$' -e ' smemail_module_export$' >"$tmp/shown"
is "$(cat "$tmp/shown")" "" "a module shows nothing but its table"
done_testing
