/** What is truly different when commands reach a served manager instead of working on the farm themselves, and why. `tests`: titles begin so; null: the whole file. */
export interface Difference { file: string; tests: readonly string[] | null; why: string }

const processOfTheCommand = 'it kills the process of the command at one of its writes: here all writes are those of the manager, which a dying client does not touch. serving.test.ts kills the manager'
const clientIsNotDriver = 'a run is driven by the manager to its end, whatever becomes of the client that began it: it is never interrupted by the death of a client'
const filesOfTheFarm = 'it is about files of the farm that the command itself cannot open: a manager would not have been served from them'

export const differences: readonly Difference[] = [
  { file: 'crash.test.ts', tests: null, why: processOfTheCommand },
  { file: 'journal.test.ts', tests: ['is finished by run resume', 'is finished by the same command', 'leaves a server half emptied', 'is resumed once by two', 'can be retried instead', 'is for whoever may do what the run does'], why: processOfTheCommand },
  { file: 'maintenance.test.ts', tests: ['at a commit'], why: processOfTheCommand },
  { file: 'updating.test.ts', tests: ['killed at any write'], why: processOfTheCommand },
  { file: 'truth.test.ts', tests: ['is exit 8 with store.full'], why: 'it fills the disk under the process of the command, which here writes nothing' },
  { file: 'journal.test.ts', tests: ['given twice ends the command at once'], why: clientIsNotDriver },
  { file: 'imports.test.ts', tests: ['is gone on with by the next one that waits'], why: clientIsNotDriver },
  { file: 'journal.test.ts', tests: ['to one who only follows the run of another'], why: 'two clients with one login and one request key are one caller to the manager: the first Ctrl-C of either interrupts the run' },
  { file: 'farms.test.ts', tests: ['lists and deletes farms beside one that it cannot read', 'says with exit 8 that a home cannot be one', 'refuses a damaged database'], why: filesOfTheFarm },
  { file: 'following.test.ts', tests: ['lets a clock with a rate go on, and ends when its time is over or its farm is gone'], why: 'it deletes the farm: that of a served one is not what a client sees, whose manager is gone then' },
  { file: 'defaults.test.ts', tests: ['come from the configuration'], why: 'it names the user in the configuration: a profile is the login of one user, whatever a default says' },
  { file: 'people.test.ts', tests: ['come from a file of whoever gives the command'], why: 'it is about passwords of the embedded farm: a login has a token, and no password is read' },
  { file: 'who.test.ts', tests: ['answer yes with 0'], why: 'it asks about sim commands, which work on farms of this machine only (usage.remote)' },
]

/** Why a test of a file is left out; null: it is to pass. */
export function differs(file: string, title: string): string | null {
  return differences.find(one => file.endsWith(`/${one.file}`) && (one.tests === null || one.tests.some(begin => title.startsWith(begin))))?.why ?? null
}
