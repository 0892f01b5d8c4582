import * as v from 'valibot'
import { described } from './described.js'

/** Where the console of a guest is. */
export const consoleShape = v.strictObject({
  name: v.string(), pool: v.string(), server: v.string(),
  address: described(v.string(), 'of the server that it runs on'),
  port: described(v.pipe(v.number(), v.integer()), 'of VNC'),
  password: v.exactOptional(described(v.nullable(v.string()), 'only where it was asked for; null: it has none')),
})
