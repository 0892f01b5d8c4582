import * as v from 'valibot'
import { vmTypes } from '../../model/object-states.js'
import { countShape, described } from './described.js'

/** Files that lie in a repository and are in no record: what `register` takes. */
export const discoveredShape = v.strictObject({
  name: v.string(),
  pool: v.string(),
  type: described(v.nullable(v.picklist(vmTypes)), 'how the guest runs that the files are of; null: they do not say'),
  os: v.nullable(v.string()),
  sizeMiB: countShape,
  repository: described(v.nullable(v.string()), 'the device of the repository that they lie in'),
})
