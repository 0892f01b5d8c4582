import { temporaryFolder } from '../disk/temporary-folder.js'
import { Refusal } from '../model/errors.js'

/** What an implementation of VNC keeps passwords in files with: a key that everybody knows (vncauth.c), its bits in the order of DES. */
const fileKey = Buffer.from('e84ad660c4721ae0', 'hex')

/** A password as the files of VNC viewers hold it: eight bytes, hidden from a glance, and from nothing else. */
export async function vncPasswordBytes(password: string): Promise<Buffer> {
  const { createCipheriv } = await import('node:crypto')
  const block = Buffer.alloc(8)
  block.write(password.slice(0, 8), 'latin1')
  // Three times the same key is single DES, which OpenSSL 3 has no more by itself.
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([fileKey, fileKey, fileKey]), null).setAutoPadding(false)
  return Buffer.concat([cipher.update(block), cipher.final()])
}

/**
 * Opens a viewer on a console and waits until it is closed: OVMCLI_VNCVIEWER, or vncviewer. The password goes by a file that only
 * the user can read, and that is gone afterwards; what the viewer says goes to stderr. @throws Refusal console.viewer, store.*
 */
export async function openViewer(address: string, port: number, password: string | null): Promise<void> {
  const [{ spawn }, { rmSync, writeFileSync }, { join }] = await Promise.all([import('node:child_process'), import('node:fs'), import('node:path')])
  const program = process.env['OVMCLI_VNCVIEWER'] || 'vncviewer'
  const folder = password === null ? null : temporaryFolder('console', 'the password')
  try {
    const file = folder === null ? null : join(folder, 'password')
    if (file !== null) writeFileSync(file, await vncPasswordBytes(password!), { mode: 0o600, flag: 'wx' })
    // Two colons: a port, and not the number of a display.
    const args = [...(file === null ? [] : ['-passwd', file]), `${address}::${port}`]
    await new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['ignore', 2, 2] })
      child.on('error', error => { reject(new Refusal('console.viewer', `the VNC viewer ${program} cannot be run: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such program' : error.message}`, 'install one, or name it in OVMCLI_VNCVIEWER')) })
      child.on('close', (code, signal) => {
        if (code === 0) resolve()
        else reject(new Refusal('console.viewer', `the VNC viewer ${program} ended with ${signal ?? String(code)}`, `open ${address}::${port} with another: OVMCLI_VNCVIEWER names it`))
      })
    })
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
}
