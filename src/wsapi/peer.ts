/** Whom an address is counted as: an IPv4 address is one, of IPv6 the first 64 bits are, since whoever has one address there has the rest as well. */
export function peerOf(address: string): string {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)
  if (mapped) return mapped[1]!
  if (!address.includes(':')) return address
  const [before, after] = address.replace(/%.*/, '').split('::').map(half => half.split(':').filter(group => group !== ''))
  const left = after ? [...before!, ...Array<string>(Math.max(0, 8 - before!.length - after.length)).fill('0'), ...after] : before!
  return `${left.slice(0, 4).join(':')}::/64`
}
