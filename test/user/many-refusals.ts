import { expect } from 'vitest'
import type { Report } from '../../src/contract/manager.js'
import type { Session } from '../session.js'

/** What a command answers: its exit, and of a refusal code and hint, whether before anything was done or of its one target. */
export interface Answer { command: string; exit: number; code: string | null; message: string; hint: string; result: unknown }

/** Gives commands one after the other, in one process. */
export function answers(farm: Session, commands: readonly string[]): Answer[] {
  const { stdout, stderr } = farm.batch(commands)
  const lines = stdout.trimEnd().split('\n').map(line => JSON.parse(line) as { command: string; exit: number; result: unknown; error: { code: string; message: string; hint: string | null } | null })
  expect(lines.map(({ command }) => command), stderr).toEqual(commands)
  return lines.map(({ command, exit, result, error }) => {
    const fault = error ?? (result as Partial<Report> | null)?.items?.[0]?.error ?? null
    return { command, exit, code: fault?.code ?? null, message: fault?.message ?? '', hint: fault?.hint ?? '', result }
  })
}

/** Holds refusals against what they are to be: the command, its exit and code, and what its hint says. */
export function expectRefusals(farm: Session, cases: readonly (readonly [command: string, exit: number, code: string | null, hint: RegExp])[]): void {
  const told = answers(farm, cases.map(([command]) => command))
  expect(told.map(({ command, exit, code }) => [command, exit, code])).toEqual(cases.map(([command, exit, code]) => [command, exit, code]))
  told.forEach(({ command, hint }, at) => { expect(hint, command).toMatch(cases[at]![3]) })
}
