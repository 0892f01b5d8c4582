/** 32 well mixed bits of two numbers; for a fixed seed a bijection of the counter, so ids never collide. */
export function mix32(seed: number, counter: number): number {
  let x = (counter ^ Math.imul(seed | 0, 0x9e3779b1)) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0
  return (x ^ (x >>> 16)) >>> 0
}

/** The id of the n-th object made in a farm: `vm-5e8a91c3`. */
export function idOf(prefix: string, seed: number, counter: number): string {
  return `${prefix}-${mix32(seed, counter).toString(16).padStart(8, '0')}`
}

/** 24 well mixed bits of two numbers; for a fixed seed a bijection of the counter's last 24 bits. */
function mix24(seed: number, counter: number): number {
  const low = 0xffffff
  let x = (counter + mix32(seed, 0x5eed)) & low
  x = Math.imul(x, 0x9e3779b1) & low
  x = Math.imul(x ^ (x >>> 12), 0x85ebca6b) & low
  return x ^ (x >>> 12)
}

/** A Xen MAC address (00:16:3e, assigned to Xen) for the n-th card made in a farm: no two of 16 million are alike. */
export function macOf(seed: number, counter: number): string {
  const bits = mix24(seed, counter).toString(16).padStart(6, '0')
  return `00:16:3e:${bits.slice(0, 2)}:${bits.slice(2, 4)}:${bits.slice(4, 6)}`
}

/** A UUID for the n-th thing that needs one. */
export function uuidOf(seed: number, counter: number): string {
  const hex = [0, 1, 2, 3].map(part => mix32(seed + part * 7919, counter * 4 + part).toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
