/** A virtual network card to be: the bridge it is on, and its address; null: one is made. */
export interface NicSpec { bridge: string; mac: string | null }

/** A network address as it is kept, `00:16:3e:0a:0b:0c`; null when the text is none. Dashes and capitals are fine. */
export function parseMac(text: string): string | null {
  return /^[0-9a-f]{2}(?:(:[0-9a-f]{2}){5}|(-[0-9a-f]{2}){5})$/i.test(text) ? text.toLowerCase().replaceAll('-', ':') : null
}

/** Why a network card cannot have this address; null when it can. */
export function macFault(text: string): string | null {
  const mac = parseMac(text)
  if (mac === null) return `${JSON.stringify(text.slice(0, 40))} is no network address`
  if (mac === '00:00:00:00:00:00') return `${mac} is nobody's address`
  // The lowest bit of the first octet says that it is one of a group (IEEE 802).
  return Number.parseInt(mac.slice(0, 2), 16) % 2 === 1 ? `${mac} is the address of a group, not of one card` : null
}

/** Whether a text can be the name of a bridge: Linux names of interfaces have at most 15 characters (IFNAMSIZ). */
export function isBridge(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(text)
}
