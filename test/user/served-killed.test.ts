import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { expect, it } from 'vitest'
import { hostileTimes } from '../hostile-times.js'
import { ServedFarm } from '../served-manager.js'
import type { Running } from '../session.js'

interface Line { command: string; exit: number; result: { run: string; items: { name: string; result: string }[] } | null; error: { code: string } | null }
interface Run { id: string; request_key: string; operation: string; state: string; total: number; settled: number; done: number }
interface Event { kind: string; subject: string; run: string | null }

/** What a client does again and again; `turn` counts the clients, `at` the lines of one. */
const works: Record<string, (at: number, turn: number) => string> = {
  one: at => `vm ${at % 2 === 0 ? 'start' : 'stop --force'} vm1`,
  many: at => `vm ${at % 2 === 0 ? 'start' : 'stop --force --yes'} vm7 vm8 vm9 vm10 --parallel 1`,
  // What is done twice is refused the second time, since there is one of that name.
  disks: (at, turn) => `disk create made-${turn}-${at} --pool pool1 --size-mib 1`,
}
const linesOfOne = 40

/** A farm, the clients that work on it, and what was said to them. */
class Loaded extends ServedFarm {
  readonly outcomes: (Line & { client: string; key: string })[] = []
  private readonly clients = new Map<string, Running>()
  private begun = 0

  /** Lets every client work that does not; the number of those that were begun. */
  work(): void {
    for (const [name, words] of Object.entries(works)) {
      if (this.clients.has(name)) continue
      const turn = this.begun++
      const file = join(this.home, `lines-${turn}`)
      writeFileSync(file, Array.from({ length: linesOfOne }, (_, at) => `${words(at, turn)} --request-key ${name}-${turn}-${at} --profile work`).join('\n'))
      const client = this.start('batch', file)
      this.clients.set(name, client)
      void client.ended.then(({ stdout }) => {
        this.clients.delete(name)
        for (const text of stdout.trimEnd().split('\n')) {
          const line = JSON.parse(text) as Line
          this.outcomes.push({ ...line, client: name, key: /--request-key (\S+)/.exec(line.command)![1]! })
        }
      })
    }
  }

  /** Resolves when some client found nobody listening, or all have ended. */
  async somebodyGaveUp(): Promise<void> {
    const clients = [...this.clients.values()]
    await Promise.race([...clients.map(client => client.printed(/"exit":8/).catch(() => client.ended)), this.rest()])
  }

  /** Resolves when all clients have ended. */
  async rest(): Promise<void> {
    await Promise.all([...this.clients.values()].map(client => client.ended))
  }

  runs(): Run[] {
    const database = new DatabaseSync(join(this.home, 'ovm', 'farms', 'figure-8', 'manager.db'), { readOnly: true })
    try {
      return database.prepare('select id, request_key, operation, state, total, settled, done from run').all() as unknown as Run[]
    } finally {
      database.close()
    }
  }
}

/** What the log of a manager says when it is killed: another moment each time. */
const moments = [/"method":"startRun"/, /"method":"followRun"/, /"method":"runReport"/, /"method":"list"|"method":"farmStatus"|"method":"startRun"/]

const kills = 5 * hostileTimes

it(`${kills} times killed under the load of several clients, a manager has done what it answered, nothing twice, and nobody was told anything else; others resume what was cut`, async () => {
  const farm = new Loaded('figure-8')
  let manager = await farm.serve()
  farm.logIn()
  farm.ok(`user create bob --role administrator -q --profile work --password-file ${farm.passwordFile}`)
  farm.ok(`profile add other -q --user bob --manager ${farm.url} --trust-on-first-use --password-file ${farm.passwordFile}`)
  for (let kill = 0; kill < kills; kill++) {
    farm.work()
    await manager.said(moments[kill % moments.length]!, 3 + ((kill * 7) % 11))
    manager.signal('SIGKILL')
    await manager.ended
    // Every other time it stays away until somebody has given up.
    if (kill % 2 === 1) await farm.somebodyGaveUp()
    manager = await farm.serveAgain()
  }
  await farm.rest()

  const byKey = new Map(farm.runs().map(run => [run.request_key, run]))
  const counts = { 0: 0, 7: 0, 8: 0 } as Record<number, number>
  for (const { key, exit, result, error, command } of farm.outcomes) {
    counts[exit] = (counts[exit] ?? 0) + 1
    const said = `${command}: ${JSON.stringify(error ?? result)}`
    const run = byKey.get(key)
    if (exit === 0) expect(run, said).toMatchObject({ id: result!.run, state: 'finished', settled: result!.items.length })
    // Nobody listened: nothing was begun. Everything else is what is not known.
    else if (exit === 8) expect([error!.code, run], said).toEqual(['manager.unreachable', undefined])
    // Who finds the next manager at once hears from it what it knows: that the outcome was not seen yet (7), or that of several some were not attempted (6).
    else if (error?.code === 'run.interrupted') expect([run !== undefined, exit === 7 || run!.total > 1], said).toEqual([true, true])
    else expect([exit, error!.code], said).toEqual([7, 'manager.no-answer'])
  }
  // Each client has one command under way when the manager is killed.
  expect(counts[0]).toBeGreaterThan(kills * 2)
  expect(counts[7]).toBeGreaterThan(0)
  expect(counts[8]).toBeGreaterThan(0)
  expect(counts[7]! + (counts[6] ?? 0)).toBeLessThanOrEqual(kills * Object.keys(works).length)

  const cut = farm.json<{ id: string }[]>('run list --filter state!=finished --profile other')
  for (const { id } of cut) expect(farm.run(`run resume ${id} -o json --profile other`), id).toMatchObject({ exit: 0 })
  const runs = farm.runs()
  expect(runs.filter(({ state, total, settled }) => state !== 'finished' || settled !== total)).toEqual([])
  // What was begun and not answered is one of those of which nobody knew.
  const answered = new Map(farm.outcomes.map(one => [one.key, one.exit]))
  for (const { request_key: key } of runs.filter(run => /^(one|many|disks)-/.test(run.request_key))) expect([0, 6, 7], key).toContain(answered.get(key))

  const events = farm.json<Event[]>('event list --profile other').filter(({ kind }) => /^(vm\.start|vm\.stop|disk\.create)$/.test(kind))
  expect(new Set(events.map(({ kind, subject, run }) => `${kind} ${subject} ${run}`)).size).toBe(events.length)
  for (const vm of ['vm1', 'vm7', 'vm8', 'vm9', 'vm10']) {
    const kinds = events.filter(({ subject }) => subject === vm).map(({ kind }) => kind)
    kinds.forEach((kind, at) => expect(kind, `${vm}: ${kinds.join()}`).toBe(at % 2 === 0 ? 'vm.start' : 'vm.stop'))
  }
  const made = farm.json<{ name: string }[]>('disk list --profile other').map(({ name }) => name)
  expect(made.sort()).toEqual(events.filter(({ kind }) => kind === 'disk.create').map(({ subject }) => subject).sort())
  expect(made).toHaveLength(runs.filter(({ operation, done }) => operation === 'disk.create' && done === 1).length)
  expect(farm.json('vm reset-status --all --profile other')).toMatchObject({ total: 10, unchanged: 10 })
  if (hostileTimes > 1) console.log(`${kills} kills; answers by exit: ${JSON.stringify(counts)}; ${cut.length} runs resumed of ${runs.length}; ${made.length} disks`)
})
