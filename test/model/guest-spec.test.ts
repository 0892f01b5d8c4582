import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { guestSpecSchema } from '../../src/contract/details/guest-spec.js'
import { settledGuest, type TemplateFacts } from '../../src/model/guest-defaults.js'
import { guestBounds, guestFaults, keyboards, togetherFaults } from '../../src/model/guest-faults.js'
import { checkOsMode, guestOs, guestOsNames, modesOf, osNamed } from '../../src/model/guest-os.js'
import { guestSpec, overlaidFields, type GuestFields, type GuestSpec } from '../../src/model/guest-spec.js'
import { macFault, parseMac } from '../../src/model/nic.js'
import { bootDevices, visibilities, vmTypes } from '../../src/model/object-states.js'

const right: GuestFields = { name: 'web1', pool: 'prod', template: 'ol5' }
const faultsOf = (fields: GuestFields) => guestFaults(guestSpec({ ...right, ...fields })).map(({ field, code }) => `${field} ${code}`)
const from = (source: GuestFields) => ({ template: null, ...source })

/** Any guest that is right by construction: valid values, and a mode that its source and operating system have. */
const between = ([least, most]: readonly [number, number]) => fc.integer({ min: least, max: most })
const mac = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 }).map(octets => octets.map((octet, at) => (at === 0 ? (octet & 0xfe) | 2 : octet).toString(16).padStart(2, '0')).join(':'))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const source = fc.oneof(fc.constant({ template: 'ol5' }), fc.constant({ iso: 'prod/ol5.iso' }), fc.constant({ pxe: true }), between(guestBounds.diskMiB).map(diskMiB => ({ diskMiB })))
const rightGuest: fc.Arbitrary<GuestSpec> = fc.record({
  source, type: maybe(fc.constantFrom(...vmTypes)), os: maybe(fc.constantFrom(...guestOsNames)), vcpus: maybe(between(guestBounds.vcpus)), memoryMiB: maybe(between(guestBounds.memoryMiB)),
  nics: maybe(fc.uniqueArray(mac, { minLength: 1, maxLength: 8 }).map(macs => macs.map(one => ({ bridge: 'xenbr0', mac: one })))), ha: fc.boolean(), haPriority: between(guestBounds.haPriority), bootDevice: maybe(fc.constantFrom(...bootDevices)),
  visibility: fc.constantFrom(...visibilities), keyboard: fc.constantFrom(...keyboards), cpuCap: maybe(between(guestBounds.cpuCap)), tags: fc.constantFrom({}, { tier: 'web', constructor: 'é' }), start: fc.boolean(),
}).map(({ source: where, ...rest }) => guestSpec({ ...right, template: null, ...where, ...rest }))
  .filter(spec => spec.type !== 'pv' || (spec.iso === null && !spec.pxe && (spec.bootDevice ?? 'hdd') === 'hdd' && (spec.os === null || modesOf(osNamed(spec.os)!).includes('pv'))))

describe('operating systems and modes', () => {
  it('are the ones of the seed: enterprise Linux in both, Windows and Solaris in hvm only', () => {
    const only = (os: string) => vmTypes.filter(type => checkOsMode(os, type) === null).join(' ')
    expect(['el4', 'el5', 'rhel5', 'CentOS 5', 'Oracle Enterprise Linux 5', 'netbsd', 'other', 'other-linux'].map(only)).toEqual(Array(8).fill('pv hvm'))
    expect(['Windows Server 2003', 'win2k3', 'windows-xp', 'WindowsVista', 'windows7', 'solaris', 'Solaris 10', 'el3'].map(only)).toEqual(Array(8).fill('hvm'))
    expect(checkOsMode('win2003', 'pv')).toEqual({ code: 'vm.os-mode', message: 'Windows Server 2003 (windows2003) does not run in mode pv', hint: 'it runs in mode hvm' })
    expect(checkOsMode('widnows2003', 'pv')).toMatchObject({ code: 'usage.argument', hint: expect.stringContaining('el5') })
    for (const word of ['', '-', 'constructor', '__proto__', 'x'.repeat(100_000)]) expect(checkOsMode(word, 'hvm')?.code, word.slice(0, 20)).toBe('usage.argument')
  })

  it('are each known by every name of theirs, and no name means two', () => {
    for (const os of guestOsNames) for (const name of [os, guestOs[os].label, ...guestOs[os].aliases]) expect(osNamed(name.toUpperCase()), name).toBe(os)
  })
})

describe('a new guest', () => {
  it('is right with a name, a pool and a source', () => {
    for (const fields of [{}, from({ iso: 'ol5.iso' }), from({ pxe: true }), from({ diskMiB: 1 }), from({ iso: 'x', type: 'hvm', os: 'windows2003' }), { type: 'hvm', bootDevice: 'cdrom' }, { os: 'windows2003' }] satisfies GuestFields[]) expect(faultsOf(fields)).toEqual([])
  })

  it('has every fault told at once', () => {
    const wrong = guestSpec({ name: '-', vcpus: 0, memoryMiB: 1.5, template: 't', iso: 'i', type: 'pv', os: 'nope', bootDevice: 'pxe', nics: [], haPriority: 101, consolePassword: 'far too long for VNC', keyboard: 'klingon', tags: { 'a b': '' }, description: '\u001b', preferredServers: [''], owner: ' ' })
    expect([...new Set(guestFaults(wrong).map(({ field }) => field))].sort()).toEqual(['bootDevice', 'consolePassword', 'description', 'haPriority', 'iso', 'keyboard', 'memoryMiB', 'name', 'nics', 'os', 'owner', 'pool', 'preferredServers', 'tags', 'type', 'vcpus'])
    expect(JSON.stringify(guestFaults(wrong))).not.toContain('far too long')
  })

  it('breaks each rule by itself', () => {
    const cases: [GuestFields, string[]][] = [
      [{ name: '' }, ['name usage.argument']], [{ name: 'a b' }, ['name usage.name']], [{ pool: '' }, ['pool usage.argument']], [from({}), ['template usage.argument']], [{ iso: 'x' }, ['iso usage.argument']], [{ template: '' }, ['template usage.argument']], [{ pxe: true, diskMiB: 5, type: 'hvm' }, ['pxe usage.argument']],
      [from({ iso: 'x', type: 'pv' }), ['type usage.argument']], [from({ pxe: true, type: 'pv' }), ['type usage.argument']], [{ type: 'pv', bootDevice: 'cdrom' }, ['bootDevice usage.argument']], [{ type: 'pv', os: 'solaris10' }, ['os vm.os-mode']], [{ os: 'el55' }, ['os usage.argument']],
      [from({ pxe: true, nics: [] }), ['nics usage.argument']], [{ type: 'hvm', bootDevice: 'pxe', nics: [] }, ['nics usage.argument']], [{ nics: [] }, []], [{ nics: Array.from({ length: 9 }, () => ({ bridge: 'b', mac: null })) }, ['nics usage.argument']],
      [{ nics: [{ bridge: 'a/b', mac: null }] }, ['nics usage.argument']], [{ nics: [{ bridge: 'a', mac: '01:00:5e:00:00:01' }] }, ['nics usage.argument']], [{ nics: [{ bridge: 'a', mac: '00:16:3e:00:00:01' }, { bridge: 'b', mac: '00-16-3E-00-00-01' }] }, ['nics usage.argument']],
      [{ consolePassword: '12345678' }, []], [{ consolePassword: '123456789' }, ['consolePassword usage.argument']], [{ consolePassword: '' }, ['consolePassword usage.argument']], [{ tags: { k: 'v'.repeat(256) } }, ['tags usage.argument']], [{ description: 'x\ny' }, []], [{ description: 'x'.repeat(1_001) }, ['description usage.argument']],
      [{ preferredServers: Array.from({ length: 33 }, (_, at) => `s${at}`) }, ['preferredServers usage.argument']],
    ]
    for (const [fields, faults] of cases) expect(faultsOf(fields), JSON.stringify(fields)).toEqual(faults)
    for (const [field, [least, most]] of Object.entries(guestBounds)) {
      const alone = (value: number) => faultsOf(field === 'diskMiB' ? from({ diskMiB: value }) : { [field]: value })
      expect([least, most].map(alone), field).toEqual([[], []])
      for (const value of [least - 1, most + 1, least + 0.5, NaN, Infinity]) expect(alone(value), `${field} ${value}`).toEqual([`${field} usage.argument`])
    }
  })

  it('that is right goes over the wire as it is, and stays right when all is settled', () => {
    fc.assert(fc.property(rightGuest, spec => {
      expect(guestFaults(spec)).toEqual([])
      expect(v.parse(guestSpecSchema, JSON.parse(JSON.stringify(spec)))).toEqual(spec)
      const template: TemplateFacts | null = spec.template === null ? null : { type: spec.type ?? 'hvm', os: spec.os ?? 'el5', vcpus: 2, memoryMiB: 512, diskMiB: 8_192, nics: [{ bridge: 'xenbr1', mac: '00:16:3e:00:00:01' }] }
      const settled = settledGuest(spec, template)
      expect(guestFaults(settled)).toEqual([])
      // Settling it once more changes nothing: nothing is open.
      expect(settledGuest(settled, template)).toEqual(settled)
      expect([settled.vcpus, settled.memoryMiB]).toEqual([spec.vcpus ?? template?.vcpus ?? 1, spec.memoryMiB ?? template?.memoryMiB ?? 1_024])
    }))
  })

  it('runs in the mode that its source, its boot device or its operating system needs', () => {
    const settled = (fields: GuestFields, template: TemplateFacts | null = null) => settledGuest(guestSpec({ ...right, ...fields }), template)
    expect([from({ iso: 'x' }), from({ pxe: true }), from({ diskMiB: 5 }), from({ diskMiB: 5, os: 'win2003' }), from({ diskMiB: 5, bootDevice: 'cdrom' })].map(fields => { const { type, bootDevice, rootDiskMiB } = settled(fields); return [type, bootDevice, rootDiskMiB] }))
      .toEqual([['hvm', 'cdrom', 10_240], ['hvm', 'pxe', 10_240], ['pv', 'hdd', 5], ['hvm', 'hdd', 5], ['hvm', 'cdrom', 5]])
    const template: TemplateFacts = { type: 'pv', os: 'rhel5', vcpus: 4, memoryMiB: null, diskMiB: 8_192, nics: [{ bridge: 'xenbr1', mac: '00:16:3e:00:00:01' }] }
    expect(settled({}, template)).toMatchObject({ type: 'pv', os: 'el5', vcpus: 4, memoryMiB: 1_024, rootDiskMiB: 8_192, nics: [{ bridge: 'xenbr1', mac: null }] })
    // What was said goes not with what the template is: told when both are known.
    expect(guestFaults(settled({ os: 'windows2003' }, template)).map(({ code }) => code)).toEqual(['vm.os-mode'])
    expect(guestFaults(settled({ bootDevice: 'cdrom' }, template)).map(({ field }) => field)).toEqual(['bootDevice'])
  })

  it('on the wire is refused when a field is missing, unknown or of another kind', () => {
    const whole = guestSpec(right)
    const isRight = (value: unknown) => v.is(guestSpecSchema, value)
    expect(isRight(whole)).toBe(true)
    for (const field of Object.keys(whole)) {
      expect(isRight(Object.fromEntries(Object.entries(whole).filter(([name]) => name !== field))), field).toBe(false)
      expect(isRight({ ...whole, [field]: [{}] }), field).toBe(false)
    }
    expect(isRight({ ...whole, extra: 1 })).toBe(false)
    expect(v.parse(guestSpecSchema, { ...whole, tags: JSON.parse('{"constructor":"x"}') }).tags).toEqual({ constructor: 'x' })
  })

  it('of a row replaces what was said of all, a source as one, tags by key', () => {
    expect(overlaidFields({ template: 't', vcpus: 2, tags: { a: '1', b: '1' } }, { iso: 'i', tags: { b: '2' } })).toEqual({ iso: 'i', vcpus: 2, tags: { a: '1', b: '2' } })
    expect(overlaidFields({ pxe: true }, { pxe: false })).toEqual({ pxe: false })
    expect(overlaidFields({}, {})).toEqual({})
  })

  it('cannot have the name or the address of another one', () => {
    const specs = [{}, { pool: 'other' }, {}, { name: 'a', nics: [{ bridge: 'b', mac: '00:16:3e:00:00:01' }] }, { name: 'b', pool: 'other', nics: [{ bridge: 'b', mac: '00-16-3e-00-00-01' }] }].map(fields => guestSpec({ ...right, ...fields }))
    expect(togetherFaults(specs).map(({ at, first, fault }) => [at, first, fault.field])).toEqual([[2, 0, 'name'], [4, 3, 'nics']])
  })
})

describe('network addresses', () => {
  it('are read in either spelling and only whole', () => {
    fc.assert(fc.property(mac, text => {
      expect([parseMac(text), parseMac(text.toUpperCase().replaceAll(':', '-')), macFault(text)]).toEqual([text, text, null])
      expect([parseMac(`${text}:00`), parseMac(text.slice(1)), parseMac(text.replace(':', '-'))]).toEqual([null, null, null])
    }))
    expect(macFault('00:00:00:00:00:00')).toContain("nobody's")
    expect(macFault('ff:ff:ff:ff:ff:ff')).toContain('group')
  })
})
