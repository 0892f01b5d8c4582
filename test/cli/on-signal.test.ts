import { afterEach, expect, it, vi } from 'vitest'
import { onSignal } from '../../src/cli/on-signal.js'

afterEach(() => { vi.useRealTimers() })

it('a signal that comes doubled is one; a second one meets nobody, and ends the process', () => {
  vi.useFakeTimers()
  const own = process.listenerCount('SIGTERM')
  const told: number[] = []
  const release = onSignal(exit => { told.push(exit) })
  const listener = process.listeners('SIGTERM').at(-1)!
  // timeout(1) sends it to the command, and to the group that it is in.
  listener('SIGTERM')
  listener('SIGTERM')
  expect(told).toEqual([143])
  expect(process.listenerCount('SIGTERM')).toBe(own + 1)
  vi.advanceTimersByTime(200)
  expect(['SIGTERM', 'SIGINT'].map(signal => process.listeners(signal as NodeJS.Signals).includes(listener))).toEqual([false, false])
  release()
  expect(process.listenerCount('SIGTERM')).toBe(own)
})
