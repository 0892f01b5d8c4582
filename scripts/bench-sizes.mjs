// What the databases of a farm take on the disk, by what is in it.
import { cpSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Sizes of the farms that `folder` holds, as text; `run` runs words on the farm of a home. */
export function sizesOf(folder, run) {
  const made = (name, pools, servers, guests) => {
    const home = join(folder, name)
    run(home, ['sim', 'create', '--preset', 'grid', '--pools', String(pools), '--servers', String(servers), '--guests', String(guests)])
    return bytesIn(home)
  }
  const few = made('few', 1, 4, 10)
  const perGuest = (made('guests', 1, 4, 9_010) - few) / 9_000
  const perServer = (made('servers', 10, 99, 1) - made('pools', 10, 1, 1)) / 980
  const large = bytesIn(join(folder, 'large'))
  const run1 = join(folder, 'started')
  cpSync(join(folder, 'large'), run1, { recursive: true })
  run(run1, ['vm', 'start', '--all', '--yes', '--quiet'])
  const perJob = (bytesIn(run1) - large) / 10_000
  return `Databases: ${Math.round(perGuest)} bytes a guest, ${Math.round(perServer)} a server; ${(large / 1e6).toFixed(1)} MB for 1,000 servers and 10,000 guests; what a guest is started leaves ${Math.round(perJob)} bytes (its domain, its job and its event).`
}

/** Bytes of the two databases of the only farm of a home. */
function bytesIn(home) {
  const farms = join(home, 'farms')
  const farm = join(farms, readdirSync(farms)[0])
  return ['manager.db', 'world.db'].reduce((sum, file) => sum + statSync(join(farm, file)).size, 0)
}
