import { expect, it } from 'vitest'
import { Room } from '../../src/wsapi/room.js'

const kiB = 1_024

/** A room of a MiB, and who was told to give up what he held. */
function room(): { room: Room; given: string[]; hold(owner: string, name: string, kib: number): () => void } {
  const made = new Room(kiB * kiB)
  const given: string[] = []
  return {
    room: made, given,
    hold: (owner, name, kib) => {
      const place = made.enter(owner)
      place.hold(kib * kiB, () => given.push(name))
      return () => place.leave()
    },
  }
}

it('whoever holds most gives up what he has held longest, and nobody else', () => {
  const { room: one, given, hold } = room()
  hold('mallory', 'first', 300)
  hold('alice', 'hers', 200)
  hold('mallory', 'second', 300)
  expect(given).toEqual([])
  hold('bob', 'his', 400)
  expect(given).toEqual(['first'])
  hold('mallory', 'third', 400)
  expect(given).toEqual(['first', 'second'])
  expect([one.heldFor('mallory'), one.heldFor('alice'), one.heldFor('bob')]).toEqual([400 * kiB, 200 * kiB, 400 * kiB])
})

it('what grows counts as it is, and what has left counts for nothing', () => {
  const { room: one, given } = room()
  const [growing, other] = [one.enter('alice'), one.enter('alice')]
  growing.hold(600 * kiB, () => given.push('growing'))
  other.hold(300 * kiB, () => given.push('other'))
  growing.hold(700 * kiB, () => given.push('growing'))
  expect([given, one.heldFor('alice')]).toEqual([[], 1_000 * kiB])
  other.leave()
  growing.hold(1_000 * kiB, () => given.push('growing'))
  growing.leave()
  growing.leave()
  expect([given, one.heldFor('alice')]).toEqual([[], 0])
})

it('what cannot be given up is kept, and a usual request is never in the way', () => {
  const { room: one, given, hold } = room()
  one.enter('mallory').hold(1_000 * kiB, null)
  for (let at = 0; at < 1_000; at++) hold('alice', 'usual', 64)
  expect(given).toEqual([])
  hold('alice', 'large', 65)
  expect(given).toEqual(['large'])
})
