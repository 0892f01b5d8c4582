import type { CommandTable } from './router.js'

/** What the program itself is: main.ts knows it, since it stands above all rooms. */
export interface Program {
  version: string
  /** the versions of Node that it wants, as package.json says it: `>=20.20` */
  wantsNode: string
  table: CommandTable
}

let given: Program | null = null

/** Tells the command line what program it is of. */
export function programIs(program: Program): void {
  given = program
}

/** The program as main.ts described it. */
export function program(): Program {
  if (!given) throw new Error('no program was described')
  return given
}
