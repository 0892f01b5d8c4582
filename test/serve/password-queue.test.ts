import { expect, it } from 'vitest'
import { PasswordQueue } from '../../src/serve/password-queue.js'
import { refusalOf } from '../refusal.js'

/** Passwords that wait to be looked at; `looked` tells which were, `over` ends the look of one. */
function waiting(fails: Record<string, number> = {}): { turns: PasswordQueue; looked: string[]; over: Map<string, () => void>; come(peer: string, name: string): Promise<void> } {
  const turns = new PasswordQueue(peer => fails[peer] ?? 0)
  const looked: string[] = []
  const over = new Map<string, () => void>()
  return { turns, looked, over, come: async (peer, name) => { over.set(name, await turns.take(peer)); looked.push(name) } }
}
const settled = () => new Promise<void>(resolve => { setImmediate(resolve) })

it('two are looked at at once, one of a peer, and whoever gave fewer wrong ones comes first', async () => {
  const { turns, looked, over, come } = waiting({ mallory: 3, eve: 1 })
  for (let guess = 1; guess <= 3; guess++) void come('mallory', `m${guess}`)
  void come('eve', 'e1')
  await settled()
  expect(looked).toEqual(['m1', 'e1'])
  void come('eve', 'e2')
  void come('alice', 'a1')
  expect([turns.isTaken('alice'), turns.isTaken('bob')]).toEqual([true, false])
  over.get('m1')!()
  await settled()
  expect(looked).toEqual(['m1', 'e1', 'a1'])
  over.get('e1')!()
  over.get('a1')!()
  await settled()
  expect(looked).toEqual(['m1', 'e1', 'a1', 'e2', 'm2'])
  expect(turns.isTaken('alice')).toBe(false)
})

it('so many of one peer wait and no more, which keeps nobody else out; and at the end nobody waits', async () => {
  const { turns, looked, come } = waiting()
  const guesses = Array.from({ length: 257 }, (_, at) => come('mallory', `m${at}`))
  expect((await refusalOf(come('mallory', 'one too many'))).code).toBe('manager.busy')
  await come('alice', 'a1')
  expect(looked).toEqual(['m0', 'a1'])
  turns.close()
  for (const guess of guesses.slice(1)) expect((await refusalOf(guess)).code).toBe('manager.busy')
  expect((await refusalOf(come('bob', 'b1'))).code).toBe('manager.busy')
})
