import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { lookAt, type Arrival } from '../../src/host/imported/look-at.js'
import { readTar } from '../../src/host/imported/tar.js'
import { Refusal } from '../../src/model/errors.js'

const folders: string[] = []
afterEach(() => { for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true }) })
const bounds = { mostBytes: 1e12, mostFiles: 100, mostTextBytes: 10_000 }
const arrival: Arrival = { shown: 'it', kind: 'image', type: null, os: null, mostBytes: 1e9 }

function folder(files: Record<string, string | Buffer>): string {
  const made = mkdtempSync(join(tmpdir(), 'ovmcli-imported-'))
  folders.push(made)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(made, name, '..'), { recursive: true })
    writeFileSync(join(made, name), text)
  }
  return made
}

function tar(from: string, ...flags: string[]): Buffer {
  const { stdout, status, stderr } = spawnSync('tar', ['-C', from, '-c', ...flags, '.'], { maxBuffer: 1 << 28 })
  expect(status, stderr.toString()).toBe(0)
  return stdout
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  return work.then(() => { throw new Error('nothing was refused') }, error => { if (error instanceof Refusal) return error; throw error })
}

const long = `${'deep/'.repeat(30)}vm.cfg`
const cfg = 'memory = 64\ndisk = [\'file:/a/System.img,xvda,w\']\n'

describe('reading a tar archive', () => {
  it.each(['ustar', 'gnu', 'oldgnu', 'pax'])('in format %s: files with their sizes, texts that are wanted, long names, however it is cut into pieces', async format => {
    const files = { 'vm.cfg': cfg, 'System.img': Buffer.alloc(1_500), ...(format === 'ustar' ? {} : { [long]: 'memory = 1\n', [`${'ü'.repeat(60)}.img`]: 'x' }) }
    const bytes = tar(folder(files), `--format=${format}`)
    for (const size of [1, 511, 512, 100_000]) {
      const read = await readTar('it', pieces(bytes, size), name => name.endsWith('vm.cfg'), bounds)
      expect(Object.fromEntries(read.map(({ name, bytes: of, text }) => [name.replace('./', ''), text ?? of]))).toEqual(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, name.endsWith('vm.cfg') ? text : Buffer.byteLength(text as string)])))
    }
  })

  it('refuses what is damaged, cut, or no file, with a reason', async () => {
    const made = folder({ 'a.img': Buffer.alloc(2_000, 'a') })
    const whole = tar(made)
    const why = async (bytes: Buffer) => (await refusal(readTar('it', pieces(bytes, 512), () => false, bounds))).message
    const flipped = Buffer.from(whole)
    flipped[3] = flipped[3]! ^ 1
    expect(await why(flipped)).toBe('it cannot be taken: it is no sound tar archive')
    expect(await why(whole.subarray(0, 1_536))).toBe('it cannot be taken: it ends in the middle')
    expect(await why(Buffer.alloc(0))).toBe('it cannot be taken: it ends in the middle')
    symlinkSync('/etc/passwd', join(made, 'link.img'))
    expect(await why(tar(made))).toContain('link.img is neither a file nor a folder')
    rmSync(join(made, 'link.img'))
    truncateSync(join(made, 'a.img'), 10_000_000)
    expect(await refusal(readTar('it', pieces(tar(made, '--sparse', '--format=gnu'), 512), () => false, bounds))).toMatchObject({ code: 'import.archive', hint: 'make the archive without --sparse' })
    expect(await why(tar(made, '--sparse', '--format=pax'))).toContain('is a sparse file')
    expect(await refusal(readTar('it', pieces(tar(made), 512), () => false, { ...bounds, mostBytes: 1_000 }))).toMatchObject({ code: 'import.too-big' })
    expect(await refusal(readTar('it', pieces(tar(folder({ a: '1', b: '2' })), 512), () => false, { ...bounds, mostFiles: 1 }))).toMatchObject({ code: 'import.archive' })
  })

  it('never takes damaged bytes for anything else than an archive or a refusal', async () => {
    const whole = tar(folder({ 'vm.cfg': cfg, 'System.img': 'x' }))
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), fc.nat(whole.length), async (changes, end) => {
      const bytes = Buffer.from(whole.subarray(0, end))
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      await readTar('it', pieces(bytes, 512), () => true, bounds).catch(error => { if (!(error instanceof Refusal)) throw error })
    }), { numRuns: 200 })
  })
})

describe('looking at what came', () => {
  it('finds the guest wherever its folder lies, and counts only what lies there', async () => {
    const path = join(folder({ 'it.tar': '' }), 'it.tar')
    writeFileSync(path, tar(folder({ 'x/vm.cfg': cfg, 'x/System.img': Buffer.alloc(1_048_577), 'README': 'much' })))
    expect(await lookAt(path, arrival)).toMatchObject({ sizeMiB: 2, guest: { type: 'pv', memoryMiB: 64, vcpus: 1, os: null, disks: [{ name: 'xvda', sizeMiB: 2, file: 'System.img' }] } })
    expect(await refusal(lookAt(folder({ 'x/vm.cfg': cfg, 'y/vm.cfg': cfg }), arrival))).toMatchObject({ code: 'import.archive', hint: 'import them one by one' })
  })

  it('says what is wrong with a vm.cfg that does not go with what came, by line', async () => {
    const faults = async (text: string) => (await refusal(lookAt(folder({ 'vm.cfg': text, 'System.img': 'x' }), arrival))).details
    expect(await faults('memory = 64\ndisk = [\n\'file:System.img,xvda,w\',\n\'phy:/dev/sdc,xvdb,w\',\n\'file:other.img,xvdc,w\']\n')).toEqual({ faults: [{ line: 4, message: 'xvdb is a device of where the guest comes from, and no file' }, { line: 5, message: 'the file of xvdc, other.img, did not come with it' }] })
    expect(await faults('memory = 64\n')).toEqual({ faults: [{ line: 2, message: 'the guest has no disk' }] })
  })
})
