# shellcheck shell=bash
# bash's completion for the command patcher.

_patcher()
{
	local word=${COMP_WORDS[COMP_CWORD]} words

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words="stub load status disarm trace --help --version"
	else
		case ${COMP_WORDS[1]} in
		stub | load)
			compopt -o filenames -o plusdirs
			mapfile -t COMPREPLY < <(compgen -f -X '!*.ko*' -- "$word")
			return
			;;
		status)
			words="--json --help"
			;;
		disarm)
			words=$(cd /sys/kernel/patcher 2>/dev/null && echo ./*/)
			words=${words//[.\/]/}
			;;
		trace)
			words=$(cut -d ' ' -f 1 /proc/modules 2>/dev/null)
			;;
		*)
			return
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _patcher patcher
