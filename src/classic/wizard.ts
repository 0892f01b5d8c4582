import { createInterface } from 'node:readline'
import { connection } from '../cli/connection.js'
import { currentProfile, keepProfile, profileNames, readProfile, useProfile } from '../cli/profiles.js'
import { say, writeOut } from '../cli/streams.js'
import { managerUrl } from '../cli/target.js'
import { Refusal } from '../model/errors.js'

/** What the profile is called that the wizard writes. */
const profileName = 'classic'

/**
 * `ovm config`: asks where the manager is, and keeps that as a profile without a login, which every classic line gives itself. The
 * certificate is trusted as it is shown now, and no other later. Answers come from a terminal or a pipe.
 * @throws Refusal usage.argument, usage.config, manager.*
 */
export async function runWizard(): Promise<number> {
  const reader = createInterface({ input: process.stdin, terminal: false })
  try {
    const lines = reader[Symbol.asyncIterator]()
    const ask = async (question: string): Promise<string> => {
      await writeOut(`${question} `)
      const { value, done } = await lines.next()
      if (done) throw new Refusal('usage.argument', `the answers end before ${JSON.stringify(question)}`, 'nothing was changed; give ovm config again')
      return (value as string).trim()
    }
    await writeOut('This is a wizard for configuring the Oracle VM Manager Command Line Interface.\nCTRL-C to exit.\n\n')
    let host = ''
    while (host === '') host = await ask('Oracle VM Manager hostname:')
    const port = (await ask('Oracle VM Manager port number:')) || '4443'
    const deployPath = await ask('Deploy path (leave blank for default):')
    const viewer = await ask('Location of vncviewer (leave blank to skip):')
    const https = await ask('Enable HTTPS support? (Y/n):')
    if (!/^(y(es)?)?$/i.test(https)) throw new Refusal('usage.argument', 'logins go over HTTPS only', 'nothing was changed; answer Y, with the HTTPS port of the manager')
    if (!/^\d{1,5}$/.test(port)) throw new Refusal('usage.argument', `${JSON.stringify(port.slice(0, 40))} is no port number`, 'nothing was changed; give ovm config again')
    await keep(managerUrl(`https://${host}:${port}`, 'ovm config'))
    if (deployPath !== '') say('Note: the deploy path is not kept: the manager has one place, and it needs none')
    if (viewer !== '') say(`Note: the viewer is a variable of the environment here: export OVMCLI_VNCVIEWER=${viewer}`)
    await writeOut('Configuration complete. Please rerun the command line interface.\n')
    return 0
  } finally {
    reader.close()
  }
}

/** Keeps the place as a profile, and makes it the one in use; a login that it holds with the same manager stays. */
async function keep(url: string): Promise<void> {
  const fingerprint = await (await connection().openDesk()).fingerprintAt(url)
  const before = profileNames().includes(profileName) ? readProfile(profileName) : null
  const known = before?.manager === url && before.trust.kind === 'pinned' ? before.trust.fingerprint : null
  // A token is for the manager that gave it: of a changed certificate nobody knows whose it is.
  if (known !== null && known !== fingerprint) throw new Refusal('manager.certificate', `the certificate of ${url} is not the one that profile ${profileName} knows: ${fingerprint}`, `compare that with what manager status shows there, then: ovmcli profile remove ${profileName}`, { fingerprint })
  if (known === null) keepProfile(profileName, { manager: url, user: 'admin', farm: '', trust: { kind: 'pinned', fingerprint }, token: '', expiresAt: new Date(0).toISOString() })
  say(`trusting the certificate ${fingerprint}`)
  const used = currentProfile()
  useProfile(profileName)
  say(`profile ${profileName} is in use${used === null || used === profileName ? '' : `, and ${used} no more`}`)
}
