const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const hostName = new RegExp(`^${label}(?:\\.${label})*$`)

/** The longest host name, in characters (RFC 1123). */
const longestHostName = 253

/** Whether a text is an IPv4 address that one machine can have: none of loopback, multicast or the reserved blocks. */
export function isIpAddress(text: string): boolean {
  const parts = octets.exec(text)?.slice(1)
  if (!parts || parts.some(part => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return false
  const first = Number(parts[0])
  return first > 0 && first < 224 && first !== 127
}

/** Whether a text can be where a server is reached: an IPv4 address, or a host name. What is all digits and dots is meant as an address. */
export function isServerAddress(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return isIpAddress(text)
  return text.length <= longestHostName && hostName.test(text)
}
