# Completion of `arbor` in bash; the command itself says what may come (arbor-cli-complete.h).

_arbor ()
{
  local line words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  local current=${COMP_WORDS[COMP_CWORD]} typed quote=

  # bash takes words apart at = and :, and a word that was begun in quotes comes with them.
  local i whole=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if ((${#whole[@]} > 0)) && [[ ${COMP_WORDS[i]} == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]] &&
       [[ ${COMP_LINE} == *"${COMP_WORDS[i - 1]}${COMP_WORDS[i]}"* ]]; then
      whole[${#whole[@]} - 1]+=${COMP_WORDS[i]}
    else
      whole+=("${COMP_WORDS[i]}")
    fi
  done
  words=()
  for typed in "${whole[@]}"; do
    case $typed in
      \'*) typed=${typed#\'} typed=${typed%\'} ;;
      \"*) typed=${typed#\"} typed=${typed%\"} ;;
    esac
    words+=("$typed")
  done
  typed=${words[${#words[@]} - 1]}
  case $current in
    [\'\"]*) quote=${current:0:1} ;;
  esac

  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files | :stores)
        compopt -o filenames 2>/dev/null
        while IFS= read -r typed; do
          [[ $line == :stores && $typed == *-lock ]] || COMPREPLY+=("$typed")
        done < <(compgen -f -- "${current#[=:]}")
        return
        ;;
    esac
    case $line in
      *= | *\() compopt -o nospace 2>/dev/null ;;
    esac
    # What bash sees as another word stays.
    [ "$typed" = "${current#"$quote"}" ] || line=${line#"${typed%"${current#[=:]}"}"}
    COMPREPLY+=("$line")
  done < <("${COMP_WORDS[0]}" complete "${words[@]}" 2>/dev/null)
}

complete -F _arbor arbor
