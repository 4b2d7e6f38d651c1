# Completion of mnist in bash. The program itself tells what may come next.
_mnist() {
  local answer
  mapfile -t answer < <("$1" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=()
  case "${answer[0]}" in
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    words) COMPREPLY=("${answer[@]:1}") && COMPREPLY=("${COMPREPLY[@]%%$'\t'*}") ;;
  esac
}
complete -F _mnist mnist
