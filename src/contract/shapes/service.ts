import * as v from 'valibot'
import { profileStates } from '../remote.js'
import { countShape, described, timeShape } from './described.js'

const certificate = {
  fingerprint: described(v.string(), 'of the certificate: SHA-256, as openssl prints it'),
  notAfter: described(timeShape, 'until when the certificate holds'),
  hosts: described(v.array(v.string()), 'names and addresses that it is for'),
}

/** What `manager init` made. */
export const managerMadeShape = v.strictObject({ farm: v.string(), user: described(v.string(), 'the first administrator'), ...certificate })

/** How the manager of a farm is. */
export const managerStatusShape = v.strictObject({
  farm: v.string(),
  state: v.picklist(['not-initialised', 'stopped', 'served']),
  pid: described(v.nullable(countShape), 'the process that serves it'),
  since: v.nullable(timeShape),
  url: v.nullable(v.string()),
  logins: described(countShape, 'logins that have not expired'),
  fingerprint: v.nullable(certificate.fingerprint),
  notAfter: v.nullable(certificate.notAfter),
  hosts: v.nullable(certificate.hosts),
})

/** A backup. */
export const backupShape = v.strictObject({
  file: v.string(), farm: v.string(), at: described(timeShape, 'when it was made, by the wall clock'), time: described(timeShape, 'the clock of the farm in it'), bytes: described(countShape, 'of the file'),
})

/** What `manager restore` did. */
export const restoredShape = v.strictObject({ ...backupShape.entries, replaced: described(v.boolean(), 'whether it took the place of a farm') })

/** A profile, as `profile list` shows it. */
export const profileShape = v.strictObject({
  name: v.string(),
  manager: described(v.nullable(v.string()), 'the URL of the manager; null: the profile is damaged'),
  user: v.nullable(v.string()),
  farm: described(v.nullable(v.string()), 'the farm that it manages; null: nobody has logged in yet'),
  current: described(v.boolean(), 'commands use it when they name no other'),
  trust: described(v.nullable(v.picklist(['pinned', 'ca', 'system'])), 'by what the certificate of the manager is known: itself, a CA file, or the CAs of the system'),
  fingerprint: described(v.nullable(v.string()), 'of the pinned certificate'),
  ca: described(v.nullable(v.string()), 'the CA file'),
  expiresAt: described(v.nullable(timeShape), 'when the login expires; null: there is none'),
  state: described(v.picklist(profileStates), 'of the login; no-login: nobody has logged in yet; damaged: its file cannot be read'),
})
