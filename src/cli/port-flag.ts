import { Refusal } from './refusal.js'

/** The port that a flag names; 0 is any that is free. @throws Refusal usage.argument */
export function portFlag(text: string, flag: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw new Refusal('usage.argument', `${flag}: ${JSON.stringify(text.slice(0, 80))} is no port`, 'a port is a number from 1 to 65535; 0 is any that is free')
}
