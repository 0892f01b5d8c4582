import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { normalPassword } from '../../model/passwords.js'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt)

/**
 * Parameters of scrypt: N = 2^14, r = 8, p = 5, one of the equally strong sets of the OWASP Password Storage Cheat Sheet. It is the one
 * of them that fits the memory which Node allows by default (16 of 32 MiB); 0.2 to 0.4 s of a CPU.
 */
const cost = { ln: 14, r: 8, p: 5 } as const
const [saltBytes, keyBytes] = [16, 32]

/** What is kept of a password: `$scrypt$ln=14,r=8,p=5$SALT$KEY` (PHC string format, base64 without padding). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const key = await derive(normalPassword(password), salt, keyBytes, { N: 2 ** cost.ln, r: cost.r, p: cost.p })
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`
}

/** Whether a password is the one of which that was kept; takes as long whatever is wrong with it. */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/.exec(kept)
  if (!match) throw new Error('what is kept of a password cannot be read')
  const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
  const key = Buffer.from(match[5]!, 'base64')
  return timingSafeEqual(await derive(normalPassword(password), Buffer.from(match[4]!, 'base64'), key.length, { N: 2 ** ln, r, p }), key)
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
