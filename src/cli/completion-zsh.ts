import { bashQuoted } from './completion-bash.js'
import type { ScriptFacts } from './completion-scripts.js'

/** The name of the plug-in's own function in zsh, beside ours. */
export const zshPluginName = 'ovmcli_plugin'

/** zsh's completion function: the plug-in's where it knows the answer (it shows descriptions), and the program elsewhere. */
export function zshScript(plugin: string, { program, stamp, lone }: ScriptFacts): string {
  const functions = plugin.replace(/^#compdef .*\n/, '').replace(new RegExp(`\\n_${zshPluginName}\\n*$`), '\n')
  return `#compdef ovmcli ovm
# ${stamp}
${functions}
# Names, values of flags, and flags behind names are asked of the program; commands, and flags right behind one, are known above.
_ovmcli() {
  local how known=
  local -a program offered
  local -i before=$compstate[nmatches]
  if [[ -z $SUFFIX && $words[2] != -* && $words[3] != -* ]]; then
    case $CURRENT in
      2) known=yes ;;
      3) [[ ' ${lone.join(' ')} ' == *" $words[2] "* ]] || known=yes ;;
      4) [[ $words[4] != -* ]] || known=yes ;;
    esac
  fi
  if [[ -n $known ]]; then
    _${zshPluginName}
    (( compstate[nmatches] == before )) || return 0
  fi
  program=(${program.map(bashQuoted).join(' ')})
  [[ -x $program[1] && -f $program[2] ]] || program=(ovmcli)
  offered=("\${(@f)$(NODE_EXTRA_CA_CERTS= NODE_OPTIONS= $program autocomplete words -- zsh ${bashQuoted(stamp)} '' '' "\${(@)words[1,CURRENT-1]}" "$QIPREFIX$PREFIX" 2>/dev/null)}")
  how=$offered[1]
  shift offered
  case $how in
    file*) compset -P '*='; _files ;;
    part*) compadd -S '' -a offered ;;
    words*) compadd -a offered ;;
  esac
  [[ $how != *renewed || ! -f $OVMCLI_AC_ZSH_COMPFUNC_PATH ]] || { unfunction _ovmcli; autoload -Uz _ovmcli }
  (( compstate[nmatches] > before ))
}

_ovmcli "$@"
`
}
