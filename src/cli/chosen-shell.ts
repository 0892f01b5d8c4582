import { basename } from 'node:path'
import type { Shell } from './completion-scripts.js'
import { Refusal } from './refusal.js'

/** The shell that is named, or the one the user has. @throws Refusal usage.argument */
export function chosenShell(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Shell {
  const [named = basename(env['SHELL'] ?? ''), ...rest] = argv
  if (rest.length > 0) throw new Refusal('usage.argument', 'name one shell', 'ovmcli autocomplete bash, or zsh')
  if (named === 'bash' || named === 'zsh') return named
  throw new Refusal('usage.argument', argv.length === 0 ? 'the shell is not known: SHELL names none that completion is there for' : `there is no completion for ${JSON.stringify(named.slice(0, 80))}`, 'ovmcli autocomplete bash, or zsh')
}

/** How a shell gets to know the completion. */
export function instructions(shell: Shell): string {
  return `Completion of ovmcli and ovm in ${shell}

1) Once, put it into ~/.${shell}rc:

     ovmcli autocomplete script ${shell} >> ~/.${shell}rc

   and into the shell you are in:

     eval "$(ovmcli autocomplete script ${shell})"

2) Use it:

     ovmcli <TAB>                   commands
     ovmcli vm start <TAB>          guests
     ovmcli vm list --state <TAB>   values of flags

After an update ovmcli makes its scripts anew by itself; ovmcli autocomplete --refresh-cache does it now.
`
}
