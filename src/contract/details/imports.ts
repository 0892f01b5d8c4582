import * as v from 'valibot'
import { vmTypes } from '../../model/object-states.js'
import { name } from './texts.js'

const address = v.pipe(v.string(), v.maxLength(4_096, 'longer than 4,096 characters'))

/**
 * What an import brings, under which name, into which pool: from a URL (http, https, ftp) or a path of the server that fetches it.
 * `type` and `os` say what a disk without a vm.cfg cannot, and go before what a vm.cfg says.
 */
export const importDetails = v.strictObject({
  name, pool: name, source: v.union([v.strictObject({ url: address }), v.strictObject({ path: address })]), proxy: v.nullable(address), checksum: v.nullable(address), type: v.nullable(v.picklist(vmTypes)), os: v.nullable(name),
})

/** What is registered that lies in a repository of a pool already. */
export const registerDetails = v.strictObject({ name, pool: name })

export type ImportDetails = v.InferOutput<typeof importDetails>
