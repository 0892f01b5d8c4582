import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isIpAddress, isServerAddress } from '../../src/model/addresses.js'
import { serverRoles } from '../../src/model/object-states.js'
import { cpuWarning, haFault, localFault, missingRoles, orderedRoles, softLimitWarning, type PoolShape } from '../../src/model/server-pools.js'

const roles = fc.subarray([...serverRoles], { minLength: 1 })
const shape = fc.record<PoolShape>({ name: fc.constant('p'), storage: fc.constantFrom('local', 'shared'), ha: fc.boolean(), virtualIp: fc.constantFrom(null, '10.0.0.9') })

describe('the rules of pools', () => {
  it('miss a role exactly where no server has it, and none where there is no server', () => {
    fc.assert(fc.property(fc.array(roles), servers => {
      const missing = missingRoles(servers)
      for (const role of serverRoles) expect(missing.includes(role)).toBe(servers.length > 0 && servers.every(has => !has.includes(role)))
      // Whoever joins with what is missing leaves nothing missing.
      expect(missingRoles([...servers, orderedRoles(servers.length === 0 ? serverRoles : ['vm', ...missing])])).toEqual([])
    }))
  })

  it('let local storage hold one server without HA and virtual IP, and shared storage anything', () => {
    fc.assert(fc.property(shape, fc.nat(40), (pool, servers) => {
      const fault = localFault(pool, servers)
      expect(fault === null).toBe(pool.storage === 'shared' || (servers <= 1 && !pool.ha && pool.virtualIp === null))
      if (fault) for (const [word, isThere] of [['servers', servers > 1], ['HA', pool.ha], ['virtual IP', pool.virtualIp !== null]] as const) expect(fault.message.includes(word)).toBe(isThere)
    }))
  })

  it('give HA where the root repository is shared, and warn of more than 32 servers', () => {
    fc.assert(fc.property(shape, fc.boolean(), fc.nat(64), (pool, hasRoot, servers) => {
      expect(haFault(pool, hasRoot) !== null).toBe(pool.ha && pool.storage === 'shared' && !hasRoot)
      expect(softLimitWarning(pool, servers) !== null).toBe(pool.ha && servers > 32)
    }))
  })

  it('warn of a processor exactly where the family or the model is another', () => {
    const server = fc.record({ name: fc.string(), cpuFamily: fc.constantFrom('6', '15'), cpuModel: fc.constantFrom('26', '44') })
    fc.assert(fc.property(server, fc.array(server), (one, rest) => {
      expect(cpuWarning(one, rest) === null).toBe(rest.every(other => other.cpuFamily === one.cpuFamily && other.cpuModel === one.cpuModel))
    }))
  })
})

describe('addresses of servers', () => {
  it('are those of four numbers that one machine can have', () => {
    fc.assert(fc.property(fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(300)), numbers => {
      const fine = numbers.every(part => part <= 255) && numbers[0] >= 1 && numbers[0] < 224 && numbers[0] !== 127
      expect(isIpAddress(numbers.join('.'))).toBe(fine)
      expect(isServerAddress(numbers.join('.'))).toBe(fine)
    }))
    for (const text of ['10.0.0', '10.0.0.1.2', '10.00.0.1', ' 10.0.0.1', '10.0.0.1\n', '10..0.1', '1e1.0.0.1', '0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '']) expect(isIpAddress(text), text).toBe(false)
  })

  it('or host names, of letters, digits and hyphens within', () => {
    for (const text of ['ovs1', 'ovs1.example.com', 'a-b.c', 'X'.repeat(63)]) expect(isServerAddress(text), text).toBe(true)
    for (const text of ['', '-a', 'a-', 'a..b', 'a_b', 'a b', 'a/b', '.', 'x'.repeat(64), `${'a'.repeat(50)}.`.repeat(6), 'ovs1.', '10.0.0']) expect(isServerAddress(text), text).toBe(false)
  })
})
