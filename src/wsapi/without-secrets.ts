import { Refusal } from '../model/errors.js'

/** From how many characters on a secret is looked for: a shorter one would be found in every other word. */
const shortest = 8

/**
 * A refusal without what was sent to show who asks. A proxy that is being mended, or a stranger, may say back what it was sent, and
 * messages end up in logs that many read. @param authorization what stood in the header
 */
export function withoutSecrets(refusal: Refusal, authorization: string): Refusal {
  const secrets = secretsOf(authorization)
  const clean = (data: unknown): unknown => {
    if (typeof data === 'string') return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), data)
    if (typeof data !== 'object' || data === null) return data
    if (Array.isArray(data)) return data.map(clean)
    return Object.fromEntries(Object.entries(data).map(([key, one]) => [clean(key), clean(one)]))
  }
  return new Refusal(refusal.code, clean(refusal.message) as string, clean(refusal.hint) as string | null, clean(refusal.details))
}

/** The longest first, so that none is left in half. */
function secretsOf(authorization: string): string[] {
  const [, scheme, shown] = /^(\w+) (.+)$/.exec(authorization) ?? []
  if (shown === undefined) return []
  const login = scheme === 'Basic' ? Buffer.from(shown, 'base64').toString('utf8') : ''
  return [shown, login.slice(login.indexOf(':') + 1)].filter(secret => secret.length >= shortest).sort((a, b) => b.length - a.length)
}
