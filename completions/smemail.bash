# bash completion of smemail: shows what "smemail __complete" offers.

# The words up to the cursor as they were typed: bash splits at "=" and ":".
_smemail_words()
{
	local rest=${COMP_LINE:0:COMP_POINT} word blank i
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		blank=${rest%%[![:space:]]*}
		rest=${rest#"$blank"}
		word=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || word=$rest
		rest=${rest#"$word"}
		if ((i > 0)) && [[ -z $blank ]]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
	done
}

# "word  description", aligned, cut to the window.
_smemail_list()
{
	local width=0 i room=$((${COLUMNS:-80} - 1))
	for ((i = 0; i < ${#found[@]}; i++)); do
		((${#found[i]} > width)) && width=${#found[i]}
	done
	for ((i = 0; i < ${#found[@]}; i++)); do
		printf -v "found[$i]" '%-*s  %s' "$width" "${found[i]}" \
			"${texts[i]}"
		found[i]=${found[i]:0:room}
	done
}

_smemail()
{
	local -a words found=() texts=()
	local program=${COMP_WORDS[0]} line end=:end cur front='' i
	_smemail_words
	words=("${words[@]//[\\\'\"]/}")
	cur=${words[${#words[@]} - 1]}
	[[ -n $(type -P -- "$program") ]] || program=smemail
	while IFS= read -r line; do
		if [[ $line == :* ]]; then
			end=$line
		else
			found+=("${line%%$'\t'*}")
			line=${line#*$'\t'}
			texts+=("${line%%$'\t'*}")
		fi
	done < <("$program" __complete -- "${words[@]:1}" 2>/dev/null)
	compopt -o nosort 2>/dev/null
	case $end in
	:nospace) compopt -o nospace ;;
	:files | :dirs)
		compopt -o filenames
		[[ $end == :files ]] && line=-f || line=-d
		mapfile -t COMPREPLY < <(compgen "$line" -- "${cur##*=}")
		return
		;;
	esac
	# bash replaces only what stands after its last word break
	[[ $cur == *[=:]* ]] && front=${cur%"${cur##*[=:]}"}
	for ((i = 0; i < ${#found[@]}; i++)); do
		found[i]=${found[i]#"$front"}
	done
	if ((${#found[@]} > 1)) && [[ $COMP_TYPE != 9 && $COMP_TYPE != 37 ]]; then
		_smemail_list
	else
		for ((i = 0; i < ${#found[@]}; i++)); do
			printf -v "found[$i]" %q "${found[i]}"
		done
	fi
	COMPREPLY=("${found[@]}")
}

complete -F _smemail smemail
