# fish's completion for the command patcher.

function __patcher_modules
    string replace -r ' .*' '' </proc/modules 2>/dev/null
end

function __patcher_rescues
    for directory in /sys/kernel/patcher/*/
        basename $directory
    end
end

set -l commands why rescue stub load status disarm sweep trace test
complete -c patcher -f
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a why -d 'Say why a module cannot be unloaded'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a rescue -d 'Do what is needed, and unload it'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a stub -d 'Write a stub for a module'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a load -d 'Load a module\'s file'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a status -d 'Show what patcher rescues'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a disarm -d 'End a rescue'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a sweep -d 'Look again at what is kept'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a trace -d 'Show who keeps references'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -a test -d 'Say whether an exit cleans up'
complete -c patcher -n "not __fish_seen_subcommand_from $commands" -l help -l version
complete -c patcher -n '__fish_seen_subcommand_from why rescue trace' -a '(__patcher_modules)'
complete -c patcher -n '__fish_seen_subcommand_from disarm sweep' -a '(__patcher_rescues)'
complete -c patcher -n '__fish_seen_subcommand_from why status trace test' -l json
complete -c patcher -n '__fish_seen_subcommand_from why rescue test' -l patcher -r -F
complete -c patcher -n '__fish_seen_subcommand_from rescue' -l yes -l force -l quarantine
complete -c patcher -n '__fish_seen_subcommand_from rescue' -l then -r -F
complete -c patcher -n '__fish_seen_subcommand_from rescue' -l file -r -F
complete -c patcher -n '__fish_seen_subcommand_from rescue' -l timeout-ms -l leaked -x
complete -c patcher -n '__fish_seen_subcommand_from stub load test' -F
complete -c patcher -n '__fish_seen_subcommand_from test' -l times -x
