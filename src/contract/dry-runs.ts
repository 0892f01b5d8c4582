import type { RunHandle } from './manager.js'

const prefix = 'dry-'

/** What the n-th dry run of a manager is called: it is nowhere recorded, and only its report is asked for by that. */
export function dryRun(number: number): string {
  return `${prefix}${number}`
}

/** Whether a run is a dry one, by which nothing is begun. */
export function isDryRun({ run }: Pick<RunHandle, 'run'>): boolean {
  return run.startsWith(prefix)
}
