/** A test of the user-level suite that is left out when commands reach a served manager instead of working on the farm themselves: the file, how its title begins, and what is truly different. */
export interface Difference { file: string; test: string; why: string }

const filesOfTheFarm = 'the files of the farm are such that the command cannot open them, or not write them: no manager is served from such files, so there is none to be asked'

export const differences: readonly Difference[] = [
  { file: 'farms.test.ts', test: 'refuses a farm that it cannot read', why: filesOfTheFarm },
  { file: 'hostile-surroundings.test.ts', test: 'that one may only read can be looked at', why: filesOfTheFarm },
  { file: 'following.test.ts', test: 'ends when its farm is gone', why: 'a farm is not deleted while it is served; who follows it elsewhere sees the manager go, and that is manager.unreachable with 8 (test/serve/clients.test.ts)' },
  { file: 'batch.test.ts', test: 'follows the farm that is current', why: 'the current farm is for commands that name nothing else: a batch with a profile stays with the manager of that, and sim create, use and delete are refused in it (usage.remote)' },
  { file: 'people.test.ts', test: 'that are wrong, or missing, are refused for ever', why: 'a manager locks logins for a while after five wrong passwords and tells each with where it came from (profiles.test.ts), and it is not even asked by who gives none' },
]

/** Why a test of a file is left out; null: it is to pass. */
export function differs(file: string, title: string): string | null {
  return differences.find(one => file.endsWith(`/${one.file}`) && title.startsWith(one.test))?.why ?? null
}
