import type { ScriptFacts } from './completion-scripts.js'

/** What is put behind the plug-in's bash function: a function that asks it where it knows the answer, and the program elsewhere. */
export function bashWrapper({ program, stamp, lone }: ScriptFacts): string {
  return `
# ${stamp}
# Names, values of flags, and flags behind names are asked of the program; commands, and flags right behind one, are known above.
_ovmcli_ask()
{
  local how answer glob=''
  local -a program=(${program.map(bashQuoted).join(' ')})
  [[ -x \${program[0]} && -f \${program[1]} ]] || program=(ovmcli)
  answer=$(NODE_EXTRA_CA_CERTS='' NODE_OPTIONS='' "\${program[@]}" autocomplete words -- bash ${bashQuoted(stamp)} "$COMP_WORDBREAKS" "$@" 2>/dev/null)
  how=\${answer%%$'\\n'*}
  # A line each; the shell splits many far faster than it reads them.
  local IFS=$'\\n'
  [[ $- == *f* ]] || { glob=yes; set -f; }
  COMPREPLY=(\${answer:\${#how}})
  [[ -z $glob ]] || set +f
  case $how in
    part*) compopt -o nospace 2>/dev/null ;;
    file*)
      local begun=\${COMPREPLY[0]-} word
      COMPREPLY=()
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$begun")
      compopt -o filenames 2>/dev/null ;;
  esac
  [[ $how != *' renewed' || ! -f $OVMCLI_AC_BASH_COMPFUNC_PATH ]] || source "$OVMCLI_AC_BASH_COMPFUNC_PATH"
}

_ovmcli()
{
  local IFS=$' \\t\\n' word
  local line=\${COMP_LINE-\${COMP_WORDS[*]}}
  local point=\${COMP_POINT-\${#line}} cur=\${COMP_WORDS[COMP_CWORD]} known=''
  local after=\${line:point}
  after=\${after%%[[:space:]]*}
  COMPREPLY=()
  if [[ -z $after && \${COMP_WORDS[1]} != -* && \${COMP_WORDS[2]-} != -* ]]; then
    case $COMP_CWORD in
      1) known=yes ;;
      2) [[ ' ${lone.join(' ')} ' == *" \${COMP_WORDS[1]} "* ]] || known=yes ;;
      3) [[ $cur != -* ]] || known=yes ;;
    esac
  fi
  if [[ -n $known ]]; then
    _ovmcli_autocomplete
    local -a each=()
    for word in "\${COMPREPLY[@]}"; do [[ " \${each[*]} " == *" $word "* ]] || each+=("$word"); done
    COMPREPLY=("\${each[@]}")
  fi
  (( \${#COMPREPLY[@]} > 0 )) || _ovmcli_ask "\${line:0:point}" "\${COMP_WORDS[@]:0:COMP_CWORD}" "\${cur%"$after"}"
  return 0
}

complete -F _ovmcli ovmcli ovm
`
}

/** A text in single quotes, for bash and zsh. */
export function bashQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
