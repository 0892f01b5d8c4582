import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readVmCfg, usualSettings, vmCfgOf, type VmCfg } from '../../src/model/vm-cfg.js'
import { Refusal } from '../../src/model/errors.js'
import type { PythonValue } from '../../src/model/python-values.js'
import { refusal } from '../refusal.js'

/** What is wrong with a vm.cfg: `line: message`, each. */
function faultsOf(text: string): string[] {
  const error = refusal(() => readVmCfg(text))
  expect([error.code, error.exit]).toEqual(['import.vm-cfg', 5])
  return (error.details as { faults: { line: number; message: string }[] }).faults.map(({ line, message }) => `${line}: ${message}`)
}

const hvm = `# written by ovs-agent
bootargs = ''
name = "36_OEL5" # of the template
builder = 'hvm'
memory = '2048'
maxmem = 0x1000
vcpus = 2
disk = [
  'file:/OVS/running_pool/36_OEL5/System.img,hda,w',   # the system
  "phy:/dev/mapper/lun1,sdb:disk,w!",
  'tap:aio:/OVS/sharedDisk/log.img,hdb1,w!',
  ',hdc:cdrom,r',
]
vif = ['mac=00:16:3E:0A:0B:0C, bridge=xenbr0,type=ioemu,rate=10MB/s', '']
boot = 'dcn'
vncpasswd = 'a,b\\'c\\x41'
keymap = 'en-us'
ib_pkeys = [{'pf': '03:00.0', 'pkey': ['0x2a10', '0xa016',]},]
serial = u'pty'; `.replace('; ', '\n')

describe('a vm.cfg', () => {
  it('tells of a guest what Oracle VM writes', () => {
    expect(readVmCfg(hvm)).toEqual({
      name: '36_OEL5', type: 'hvm', vcpus: 2, memoryMiB: 2048, maxMemoryMiB: 4096,
      disks: [
        { backend: 'file', file: '/OVS/running_pool/36_OEL5/System.img', device: 'hda', mode: 'w', cdrom: false },
        { backend: 'phy', file: '/dev/mapper/lun1', device: 'sdb', mode: 'w!', cdrom: false },
        { backend: 'tap:aio', file: '/OVS/sharedDisk/log.img', device: 'hdb1', mode: 'w!', cdrom: false },
        { backend: 'file', file: '', device: 'hdc', mode: 'r', cdrom: true },
      ],
      nics: [{ mac: '00:16:3e:0a:0b:0c', bridge: 'xenbr0', type: 'ioemu', options: { rate: '10MB/s' } }, { mac: null, bridge: null, type: null, options: {} }],
      boot: ['cdrom', 'disk', 'network'], vncPassword: "a,b'cA", keyboard: 'en-us', os: null, framebuffer: null,
      others: { bootargs: '', ib_pkeys: [{ pf: '03:00.0', pkey: ['0x2a10', '0xa016'] }], serial: 'pty' },
    })
  })

  it('of a paravirtual guest may say little, its screen in a list of its own, and all of it with the line ends of elsewhere', () => {
    expect(readVmCfg("\uFEFFmemory=512\r\nvfb = ['type=vnc,vnclisten=0.0.0.0,vncpasswd=pw,keymap=de']\r\nOVM_os_type = 'Oracle Linux 5'\r\nmemory = 1024\r\n")).toEqual({
      name: null, type: 'pv', vcpus: 1, memoryMiB: 1024, maxMemoryMiB: 1024, disks: [], nics: [], boot: [], vncPassword: 'pw', keyboard: 'de', os: 'Oracle Linux 5',
      framebuffer: { type: 'vnc', vnclisten: '0.0.0.0' }, others: {},
    })
    expect(readVmCfg("memory = 512 \\\n# and\nextra = 'a \\\nb'").others).toEqual({ extra: 'a b' })
  })

  it('has all its faults named by line, those of its writing and those of what it says', () => {
    expect(faultsOf(`name = 5
vcpus = 0
memory = lots
maxmem = 1.5
builder = 'kvm'
boot = 'cx'
disk = ['file:/a,xvda,w',
  'file:/b,xvda,w', 'file:/c,xvdb,rw',
  'nonsense', 'file:/d,vda,w', 'file:/e,xvdc:tape,w', ',xvdd,w', 7]
vif = ['mac=1:2', 'mac=00:16:3e:00:00:01,bridge',
  'mac=00:16:3e:00:00:01', 'type=e1000', 'bridge=a,bridge=b']
extra = """x"""
  indented = 1
two = 1; three = 2
= 4
text = 'no end
far = ${'['.repeat(9)}
keymap = 'x'y
unicode = é
big = 12345678901234567890
vfb = ['a=1', 'b=2']
open = ['x',
on_crash = 'destroy'
d = {1: 2}
e = {'a' 2}
f = {'a': 2`)).toEqual([
      '1: name is no text: write it in quotes', '2: vcpus is no whole number from 1 to 8192', '3: "lots" is no value: texts stand in quotes', '4: maxmem is no whole number from 1 to 16777216',
      '5: builder "kvm" is neither \'hvm\' nor \'linux\'', '6: boot holds "x": it may hold a (floppy), c (disk), d (CD-ROM) and n (network)',
      '8: xvda is there twice', '8: the mode "rw" of xvdb is none of r, w and w!',
      '9: a part of disk is no text', '9: the disk "nonsense" is not BACKEND:FILE,DEVICE,MODE', '9: "vda" is no device of a disk: it is one like xvda, hda or sda', '9: "tape" is no kind of disk: it is disk or cdrom', '9: xvdd has no file',
      '10: "1:2" is no MAC address', '10: "bridge" of vif is not KEY=VALUE', '11: the MAC address 00:16:3e:00:00:01 is there twice', '11: "e1000" is no type of network card: it is netfront or ioemu', '11: "bridge" is there twice in one vif',
      '12: triple quotes are not read: write the text on one line', '13: an assignment begins at the start of a line', '14: after the value of two comes ";", not the end of the line', '15: "=" is no assignment: write NAME = VALUE',
      '16: the text has no end on its line', '17: more than 8 lists and dictionaries inside each other', '18: after the value of keymap comes "y", not the end of the line', '19: "é" is no value', '20: "12345678901234567890" is too big a number',
      '21: there is a second vfb: a guest has one', '23: "on_crash" is no value: texts stand in quotes', '24: a key of a dictionary is no text', '25: after the key of a dictionary comes "2", not :', '26: the dictionary of line 26 has no end',
    ])
    expect(faultsOf('vcpus = 1\n')).toEqual(['2: memory is missing'])
    expect(faultsOf('memory = 4\nmaxmem = 2')).toEqual(['2: maxmem 2 is less than memory 4'])
    expect(faultsOf("memory = 4\nx = [1 2]\ny = 'a' 'b'\nz =\nw\ndisk = 'file:/a,xvda,w'\nv = '\\")).toEqual(['2: in the list comes "2", not , or ]', '3: after the value of y comes "\'", not the end of the line', '4: there is no value', '5: w is followed by the end of the line, not by =', "6: disk is no list: write disk = ['…']", '7: the text has no end'])
  })

  it('is never evaluated, and never says its password', () => {
    expect(faultsOf("memory = 4\nx = __import__('os').system('x')")).toEqual(['2: "__import__" is no value: texts stand in quotes'])
    const { others } = readVmCfg("memory = 4\n__proto__ = {'polluted': True, '__proto__': 1}\nconstructor = 1")
    expect([Object.keys(others), ({} as { polluted?: unknown }).polluted]).toEqual([['__proto__', 'constructor'], undefined])
    for (const text of ['vncpasswd = secret', "vncpasswd = 'it's secret'", 'vncpasswd = 5ecret', "vncpasswd = ['secret' secret]", "vfb = ['vncpasswd=secret,secret', 'secret']", 'vfb = secret', "vfb = ['x' secret]"]) {
      expect(JSON.stringify(refusal(() => readVmCfg(`memory = 4\n${text}`)).fault), text).not.toContain('secret')
    }
  })

  it('takes no time worth mentioning, whatever it holds', () => {
    const started = performance.now()
    for (const piece of ['[', '{', "'", '\\', '\\\n', '#', '\n', 'a=[\n', 'a=[1,\n', "a='", '9', '[[[[[[[[', '1e', '-', "''", 'a={\n', ' ', 'x\n', "a='\\", '\0', '\ud800']) {
      const text = piece.repeat((256 * 1024) / piece.length)
      const error = refusal(() => readVmCfg(text))
      expect([error.code, (error.details as { faults: unknown[] }).faults.length <= 100, error.message.length < 300], piece).toEqual(['import.vm-cfg', true, true])
    }
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(faultsOf(' '.repeat(256 * 1024 + 1))).toEqual(['1: it has more than 262144 characters'])
  })

  it('is read or refused, whatever the text', () => {
    const piece = fc.constantFrom('memory', 'disk', 'vif', 'vfb', 'x', ' = ', '=', '[', ']', '{', '}', ':', ',', "'", '"', '\\', '\n', '#', '1', '0x', 'e', '.', 'None', 'file:/a,xvda,w', 'mac=', '\r', 'u', '\t')
    fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 30 }).map(pieces => pieces.join('')), fc.string({ unit: 'binary' })), text => {
      try {
        readVmCfg(text)
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'import.vm-cfg') throw error
        const lines = text.replace(/\r\n?/g, '\n').split('\n').length
        for (const { line } of (error.details as { faults: { line: number }[] }).faults) expect(line >= 1 && line <= lines, `line ${line} of ${lines}`).toBe(true)
      }
    }), { numRuns: 3_000 })
  })

  const anyText = fc.string({ unit: 'binary', maxLength: 12 })
  const filled = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map(text => text.replace(/[,\x00-\x1f]/g, '-').trim()).filter(text => text !== '')
  const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null })
  const value: fc.Arbitrary<PythonValue> = fc.letrec<{ value: PythonValue }>(tie => ({
    value: fc.oneof({ depthSize: 'small', maxDepth: 4 }, anyText, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(anyText, tie('value'), { maxKeys: 3, noNullPrototype: true })),
  })).value
  const options = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/).filter(key => !['mac', 'type', 'bridge', 'keymap'].includes(key)), fc.oneof(part, fc.constant('')), { maxKeys: 3, noNullPrototype: true })
  const guest: fc.Arbitrary<VmCfg> = fc.record({
    name: optional(filled), type: fc.constantFrom('pv', 'hvm'), vcpus: fc.integer({ min: 1, max: 128 }), memory: fc.tuple(fc.integer({ min: 1, max: 1 << 20 }), fc.nat(1 << 20)),
    disks: fc.uniqueArray(fc.record({
      backend: fc.constantFrom('file', 'phy', 'tap:aio'), file: part, device: fc.stringMatching(/^(xvd|hd|sd)[a-z]\d?$/), mode: fc.constantFrom('r', 'w', 'w!'), cdrom: fc.boolean(),
    }), { selector: disk => disk.device, maxLength: 4 }),
    nics: fc.uniqueArray(fc.record({ mac: optional(fc.stringMatching(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)), bridge: optional(part), type: fc.constantFrom('netfront', 'ioemu', null), options }), { selector: nic => nic.mac ?? Symbol(), maxLength: 3 }),
    boot: fc.array(fc.constantFrom('floppy', 'disk', 'cdrom', 'network'), { maxLength: 3 }), vncPassword: optional(part.chain(text => fc.constantFrom(text, `${text},${text}`))), keyboard: optional(part), os: optional(filled), framebuffer: optional(options),
    others: fc.dictionary(fc.stringMatching(/^[a-zA-Z_]\w{0,8}$/).filter(key => !/^(name|builder|vcpus|memory|maxmem|disk|vif|boot|vncpasswd|keymap|vfb)$/.test(key)), value, { maxKeys: 4, noNullPrototype: true }),
  }).map(({ memory: [memoryMiB, more], ...rest }) => ({ ...rest, memoryMiB, maxMemoryMiB: memoryMiB + more }) as VmCfg)

  it('reads back as what it was written of', () => {
    fc.assert(fc.property(guest, cfg => {
      expect(readVmCfg(vmCfgOf(cfg))).toEqual(cfg)
    }), { numRuns: 2_000 })
    expect(readVmCfg(vmCfgOf(readVmCfg(hvm)))).toEqual(readVmCfg(hvm))
    const fresh: VmCfg = { name: 'vm1', type: 'pv', vcpus: 1, memoryMiB: 512, maxMemoryMiB: 512, disks: [{ backend: 'file', file: '/OVS/running_pool/vm1/System.img', device: 'xvda', mode: 'w', cdrom: false }], nics: [{ mac: '00:16:3e:00:00:01', bridge: 'xenbr0', type: 'netfront', options: {} }], boot: [], vncPassword: null, keyboard: null, os: null, framebuffer: null, others: usualSettings.pv }
    expect(vmCfgOf(fresh)).toBe(`name = 'vm1'
vcpus = 1
memory = 512
maxmem = 512
disk = ['file:/OVS/running_pool/vm1/System.img,xvda,w']
vif = ['mac=00:16:3e:00:00:01,bridge=xenbr0,type=netfront']
bootloader = '/usr/bin/pygrub'
on_crash = 'destroy'
on_reboot = 'restart'
`)
    const spoiled: Partial<VmCfg>[] = [{ others: { name: 'x' } }, { others: { 'a\nb': 1 } }, { nics: [{ mac: null, bridge: 'a,type=ioemu', type: null, options: {} }] }, { disks: [{ ...fresh.disks[0]!, file: '/a,xvdb,w' }] }]
    for (const changes of spoiled) expect(() => vmCfgOf({ ...fresh, ...changes })).toThrow(/^"/)
  })
})
