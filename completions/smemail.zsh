#compdef smemail
# zsh completion of smemail: shows what "smemail __complete" offers.

_smemail()
{
	local -a lines found shown nospace
	local program=${(Q)words[1]} line rest text
	whence -p -- "$program" >/dev/null || program=smemail
	lines=("${(@f)$("$program" __complete -- \
		"${(@Q)words[2,CURRENT - 1]}" "${(Q)PREFIX}" 2>/dev/null)}")
	case ${lines[-1]} in
	:files) _files; return ;;
	:dirs) _files -/; return ;;
	:none*) _message -r "${lines[-1]#:none }"; return 1 ;;
	:nospace) nospace=(-S '') ;;
	esac
	for line in "${(@)lines[1,-2]}"; do
		rest=${line#*$'\t'}
		text=${rest%%$'\t'*}
		found+=("${line%%$'\t'*}")
		shown+=("${line%%$'\t'*}${text:+  $text}")
	done
	compadd -V smemail -l -d shown "${nospace[@]}" -a found
}

if [ "${funcstack[1]}" = _smemail ]; then
	_smemail "$@"
else
	compdef _smemail smemail
fi
