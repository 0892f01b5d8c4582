import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fits, isPlaced, place, reserve, type Candidate } from '../../src/model/placement.js'

const candidate = fc.record({
  state: fc.constantFrom('active' as const, 'maintenance' as const, 'off' as const), runsGuests: fc.boolean(), hvm: fc.boolean(), memoryFreeMiB: fc.integer({ min: 0, max: 65_536 }), vcpusFree: fc.integer({ min: 0, max: 64 }),
})
const servers = fc.array(candidate, { maxLength: 8 }).map(list => list.map((server, at): Candidate => ({ ...server, id: `server-${at}`, name: `ovs${at}` })))
const demand = fc.record({ memoryMiB: fc.integer({ min: 1, max: 32_768 }), vcpus: fc.integer({ min: 1, max: 32 }), hvm: fc.boolean(), preferredServerIds: fc.subarray(['server-0', 'server-3', 'server-7']) })

describe('placement', () => {
  it('finds a server exactly when one fits, and that one fits', () => {
    fc.assert(fc.property(servers, demand, (list, wanted) => {
      const answer = place(list, wanted)
      expect(isPlaced(answer)).toBe(list.some(server => fits(server, wanted)))
      if (isPlaced(answer)) expect(fits(answer, wanted)).toBe(true)
    }))
  })

  it('prefers preferred servers, then the most free memory, then the first name, whatever the order of the list', () => {
    fc.assert(fc.property(servers, demand, (list, wanted) => {
      const answer = place(list, wanted)
      expect(place([...list].reverse(), wanted)).toEqual(answer)
      if (!isPlaced(answer)) return
      for (const other of list.filter(server => fits(server, wanted))) {
        const rank = (server: Candidate) => [wanted.preferredServerIds.includes(server.id) ? 0 : 1, -server.memoryFreeMiB, server.name] as const
        expect(JSON.stringify(rank(answer)) <= JSON.stringify(rank(other)) || rank(answer)[0] < rank(other)[0] || answer.memoryFreeMiB >= other.memoryFreeMiB).toBe(true)
      }
    }))
  })

  it('never takes more than there is, however many guests are placed', () => {
    fc.assert(fc.property(servers, fc.array(demand, { maxLength: 40 }), (list, guests) => {
      for (const guest of guests) {
        const answer = place(list, guest)
        if (isPlaced(answer)) reserve(answer, guest)
      }
      for (const server of list) expect(Math.min(server.memoryFreeMiB, server.vcpusFree)).toBeGreaterThanOrEqual(0)
    }))
  })
})
