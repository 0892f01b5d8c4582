import { expect, it } from 'vitest'
import { Pace } from '../../src/wsapi/pace.js'

const loop = () => new Promise<void>(resolve => { setImmediate(resolve) })

/** Calls in a line, and in which order they began. */
function paced(isFull: (user: string) => boolean = () => false): { pace: Pace; began: string[]; call(user: string, name: string): Promise<void> } {
  const pace = new Pace(isFull)
  const began: string[] = []
  return { pace, began, call: async (user, name) => { began.push((await pace.turn(user)) ? name : `not ${name}`) } }
}

it('lets one call begin in a turn of the event loop, and the users take turns', async () => {
  const { began, call } = paced()
  const calls = [call('mallory', 'm1'), call('mallory', 'm2'), call('mallory', 'm3'), call('alice', 'a1'), call('bob', 'b1'), call('alice', 'a2')]
  await Promise.resolve()
  expect(began).toEqual(['m1'])
  const counts: number[] = []
  while (began.length < calls.length) {
    counts.push(began.length)
    await loop()
  }
  expect(counts).toEqual([1, 2, 3, 4, 5])
  expect(began).toEqual(['m1', 'm2', 'a1', 'b1', 'm3', 'a2'])
  await Promise.all(calls)
  await loop()
  await call('alice', 'a3')
})

it('begins nothing of one who does not take his answers until he does, or the end comes', async () => {
  const full = new Set(['mallory'])
  const { pace, began, call } = paced(user => full.has(user))
  const first = call('mallory', 'm1')
  await call('alice', 'a1')
  for (let turns = 0; turns < 5; turns++) await loop()
  expect(began).toEqual(['a1'])
  full.clear()
  pace.resume()
  await first
  await loop()
  full.add('mallory')
  const [refused, last] = [call('mallory', 'm2'), call('bob', 'b1')]
  pace.close()
  await Promise.all([refused, last, call('mallory', 'm3')])
  expect(began).toEqual(['a1', 'm1', 'b1', 'not m2', 'm3'])
})
