import { expect, it } from 'vitest'
import { WrongPasswords } from '../../src/serve/wrong-passwords.js'

const minute = 60_000

/** How long each lock holds when somebody goes on guessing as soon as he may, in minutes. */
function locksOf(guesses: number): number[] {
  const wrong = new WrongPasswords()
  const locks: number[] = []
  for (let now = 0, guess = 0; guess < guesses; guess++) {
    const lockedMs = wrong.note('bob', '10.0.0.1', now)
    if (lockedMs > 0) locks.push(lockedMs / minute)
    now += lockedMs
  }
  return locks
}

it('locks after five, each time for twice as long, an hour at most', () => {
  expect(locksOf(40)).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
})

it('forgives whoever gives the right one, and forgets after a day', () => {
  const wrong = new WrongPasswords()
  for (let guess = 0; guess < 4; guess++) wrong.note('bob', '10.0.0.1', 0)
  wrong.forgive('bob', '10.0.0.1')
  expect(wrong.note('bob', '10.0.0.1', 0)).toBe(0)
  for (let guess = 0; guess < 3; guess++) wrong.note('bob', '10.0.0.1', 0)
  expect(wrong.note('bob', '10.0.0.1', 25 * 60 * minute)).toBe(0)
})

it('locks an address that tries many names, and no other', () => {
  const wrong = new WrongPasswords()
  for (let guess = 0; guess < 25; guess++) wrong.note(`user${guess}`, '10.0.0.1', 0)
  expect([wrong.lockedForMs('alice', '10.0.0.1', 0), wrong.lockedForMs('alice', '10.0.0.2', 0)]).toEqual([minute, 0])
})

it('knows how many a peer gave, those that locked it too', () => {
  const wrong = new WrongPasswords()
  for (let guess = 0; guess < 27; guess++) wrong.note(`user${guess}`, '10.0.0.1', 0)
  expect([wrong.failsOf('10.0.0.1'), wrong.failsOf('10.0.0.2')]).toEqual([27, 0])
})
