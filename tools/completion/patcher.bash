# shellcheck shell=bash
# bash's completion for the command patcher.

_patcher_files()
{
	compopt -o filenames -o plusdirs 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -X "!$1" -- "$2")
}

_patcher_modules()
{
	cut -d ' ' -f 1 /proc/modules 2>/dev/null
}

_patcher_rescues()
{
	local directory

	for directory in /sys/kernel/patcher/*/; do
		directory=${directory%/}
		[ ! -d "$directory" ] || echo "${directory##*/}"
	done
}

_patcher()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=""

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words="why rescue stub load status disarm sweep trace test --help --version"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		return
	fi
	case $before in
	--patcher | --then | --file | --built | --log | --btf)
		_patcher_files '*' "$word"
		return
		;;
	esac
	case ${COMP_WORDS[1]} in
	why)
		words="--json --patcher --help $(_patcher_modules)"
		;;
	rescue)
		if [[ $word != -* && $COMP_CWORD -gt 2 ]]; then
			_patcher_files '*.@(c|ko|ko.*)' "$word"
			return
		fi
		words="--yes --then --file --force --quarantine --timeout-ms --leaked --patcher --help $(_patcher_modules)"
		;;
	stub)
		words="-o --died-at --log --from-init --no-build --built --no-headers --calls --btf --build --modules --help"
		if [[ $word != -* ]]; then
			_patcher_files '*.ko*' "$word"
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$(_patcher_modules)" -- "$word")
			return
		fi
		;;
	load)
		[ "$COMP_CWORD" != 2 ] || _patcher_files '*.ko*' "$word"
		return
		;;
	status)
		words="--json --help"
		;;
	disarm | sweep)
		words="--help $(_patcher_rescues)"
		;;
	trace)
		words="--json --help $(_patcher_modules)"
		;;
	test)
		if [[ $word != -* ]]; then
			_patcher_files '*.ko*' "$word"
			return
		fi
		words="--times --json --patcher --help"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _patcher patcher
