# Completion of mnist in fish. The program itself tells what may come next.
function __mnist_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l answer ($words[1] complete $words[2..] "$word" 2>/dev/null)
    set -l flag (string match -r -- '^--[^=]*=' "$word"; or echo)
    set -l path (string replace -r -- '^--[^=]*=' '' "$word")
    switch "$answer[1]"
        case files
            printf '%s\n' $flag(__fish_complete_path "$path")
        case directories
            printf '%s\n' $flag(__fish_complete_directories "$path")
        case words
            printf '%s\n' $answer[2..]
    end
end
complete -c mnist -f -a '(__mnist_complete)'
