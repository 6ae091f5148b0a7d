# fish completion of smemail: shows what "smemail __complete" offers.

function __smemail_complete
    set -l before (commandline -opc)
    set -l program $before[1]
    set -e before[1]
    command -q $program; or set program smemail
    for line in ($program __complete -- $before (commandline -ct) 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path (commandline -ct)
            case :dirs
                __fish_complete_directories (commandline -ct) ''
            case ':*'
            case '*'
                set -l part (string split \t -- $line)
                printf '%s\t%s\n' $part[1] $part[2]
        end
    end
end

complete -c smemail -f -k -a '(__smemail_complete)'
