import type { HealthCheck } from '../../contract/farms.js'
import { outWidth, streams } from '../streams.js'
import { movesCursor } from '../terminal-kind.js'
import { ok, warning } from './finding.js'

/** Fewer columns than this break most tables. */
const narrow = 60

/** What a check of the terminal looks at. */
export interface Terminal { isTTY: boolean; columns: number | null; env: NodeJS.ProcessEnv }

/** Checks how output will look: the terminal, and the character set. */
export function terminalChecks(terminal: Terminal = { isTTY: streams().outIsTerminal, columns: outWidth(), env: process.env }): HealthCheck[] {
  return [terminalCheck(terminal), localeCheck(terminal.env)]
}

function terminalCheck({ isTTY, columns, env }: Terminal): HealthCheck {
  const check = 'terminal'
  if (!isTTY) return ok(check, 'stdout is no terminal: no colours, nothing is cut')
  const term = env['TERM'] ?? ''
  const width = columns ?? 80
  const shown = `${width} columns, TERM ${term === '' ? 'is not set' : term}`
  if (width < narrow) return warning(check, `${shown}: tables will break`, 'make the window wider, or choose fields with --columns')
  if (!movesCursor(env)) return warning(check, `${shown}: no progress, no shell line`, 'export TERM=xterm-256color, if it is such a terminal')
  return ok(check, `${shown}, ${env['NO_COLOR'] ? 'no colours (NO_COLOR)' : 'colours'}`)
}

/** The character set as the system chooses it: the first of three variables that is set. */
function localeCheck(env: NodeJS.ProcessEnv): HealthCheck {
  const check = 'locale'
  const name = ['LC_ALL', 'LC_CTYPE', 'LANG'].find(each => env[each])
  const value = name === undefined ? '' : env[name]!
  if (/utf-?8/i.test(value)) return ok(check, `${name}=${value}`)
  return warning(check, `${name === undefined ? 'no locale is set' : `${name}=${value}`}: output is UTF-8, and may look wrong`, 'export LC_ALL=C.UTF-8')
}
