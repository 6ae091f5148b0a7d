#!/bin/sh
# The examples of the manual are run as they stand there; what blocks, or
# takes fixed ports, is only looked up.
. "${0%/*}/lib.sh"

HOME=$tmp/home
mkdir -p "$HOME"
export HOME
PATH=$BUILD:$PATH

examples() { # PAGE: the lines after a "$ " of its EXAMPLES
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" |
		sed -e ':a' -e '/\\e$/{N' -e 's/\\e\n *//;ba' -e '}' |
		sed -n 's/\\en/\\n/g; s/^\(\.Dl \)\{0,1\}\$ //p'
}

for page in "$TOP"/man/*.[1-9]; do
	name=${page##*/}
	rm -rf "$HOME/mail"
	examples "$page" | sed "s,/tmp/try,$tmp/try,g" >"$tmp/lines"
	check "$name has examples" test -s "$tmp/lines"
	unset SMEMAIL_ROOT
	case $name in
	smemail-settings.5)
		SMEMAIL_ROOT=$HOME/mail
		export SMEMAIL_ROOT
		run smemail init --root "$HOME/mail"
		;;
	smemail-report.7)
		SMEMAIL_ROOT=$HOME/mail
		export SMEMAIL_ROOT
		run smemail init --root "$HOME/mail"
		mkdir -p "$HOME/mail/var/log/qpsmtpd"
		: >"$HOME/mail/var/log/qpsmtpd/current"
		;;
	smemail-filterd.8) run smemail init --root "$HOME/mail" ;;
	esac
	while IFS= read -r line <&3; do
		case $line in
		export*)
			eval "$line"
			continue
			;;
		smemail\ rbl* | smemail\ dns* | smemail\ resolver*)
			# they ask the network
			# shellcheck disable=SC2086
			set -- $line
			run smemail help "$2" "$3"
			;;
		smemail\ up* | smemail\ down* | smemail\ service* | \
			smemail\ rehearse* | *\ log\ *)
			# shellcheck disable=SC2086
			set -- $line
			run smemail help "$2"
			;;
		*--listen*) continue ;;
		*) run sh -c "$line" ;;
		esac
		expect_status 0 "$name: $line"
	done 3<"$tmp/lines"
done
done_testing
