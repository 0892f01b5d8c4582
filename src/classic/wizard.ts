import { createInterface } from 'node:readline'
import { connection } from '../cli/connection.js'
import { replaceProfile } from '../cli/log-out.js'
import { currentProfile, knownProfile, useProfile } from '../cli/profiles.js'
import { canAsk, say, writeOut } from '../cli/streams.js'
import { managerUrl } from '../cli/target.js'
import { Refusal } from '../model/errors.js'

/** What the profile is called that the wizard writes. */
const profileName = 'classic'

/**
 * `ovm config`: asks where the manager is, and keeps that as a profile without a login, which every classic line gives itself. The
 * certificate is trusted as it is shown now, and no other later. Answers come from a terminal or a pipe, and
 * each is judged when it is given.
 * @throws Refusal usage.argument, store.*, manager.*
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
    // A wrong answer at a terminal is asked for again; a pipe cannot know that it would be.
    const answer = async <T>(question: string, judged: (text: string) => T): Promise<T> => {
      for (;;) {
        const text = await ask(question)
        try {
          return judged(text)
        } catch (error) {
          if (!(error instanceof Refusal) || !canAsk()) throw error
          say(`${error.message}; ${error.hint}`)
        }
      }
    }
    await writeOut('This is a wizard for configuring the Oracle VM Manager Command Line Interface.\nCTRL-C to exit.\n\n')
    let host = ''
    while (host === '') host = await answer('Oracle VM Manager hostname:', hostOf)
    const port = await answer('Oracle VM Manager port number:', portOf)
    const deployPath = await ask('Deploy path (leave blank for default):')
    const viewer = await ask('Location of vncviewer (leave blank to skip):')
    await answer('Enable HTTPS support? (Y/n):', mustBeHttps)
    await keep(managerUrl(`https://${host}:${port}`, 'ovm config'))
    if (deployPath !== '') say('Note: the deploy path is not kept: the manager has one place, and it needs none')
    if (viewer !== '') say(`Note: the viewer is a variable of the environment here: export OVMCLI_VNCVIEWER=${viewer}`)
    await writeOut('Configuration complete. Please rerun the command line interface.\n')
    return 0
  } finally {
    reader.close()
  }
}

/** A host by its name or address, or '' where none was said. @throws Refusal usage.argument */
function hostOf(text: string): string {
  if (text === '') return text
  const whole = /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(text) ? `[${text}]` : text
  if (!/^[^/\\@?#\s]+$/.test(whole) || !URL.canParse(`https://${whole}:4443`)) throw new Refusal('usage.argument', `${JSON.stringify(text.slice(0, 120))} is no name or address of a host`, 'nothing was changed; the port is asked for next')
  return whole
}

/** @throws Refusal usage.argument */
function portOf(text: string): string {
  if (text === '') return '4443'
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return text
  throw new Refusal('usage.argument', `${JSON.stringify(text.slice(0, 40))} is no port number`, 'nothing was changed; a port is a number from 1 to 65535')
}

/** @throws Refusal usage.argument */
function mustBeHttps(text: string): void {
  if (!/^(y(es)?)?$/i.test(text)) throw new Refusal('usage.argument', 'logins go over HTTPS only', 'nothing was changed; answer Y, with the HTTPS port of the manager')
}

/** Keeps the place as a profile, and makes it the one in use; a login that it holds with the same manager stays, one with another is ended. */
async function keep(url: string): Promise<void> {
  const desk = await connection().openDesk()
  const fingerprint = await desk.fingerprintAt(url)
  const before = knownProfile(profileName)
  const known = before?.manager === url && before.trust.kind === 'pinned' ? before.trust.fingerprint : null
  // A token is for the manager that gave it: of a changed certificate nobody knows whose it is.
  if (known !== null && known !== fingerprint) throw new Refusal('manager.certificate', `the certificate of ${url} is not the one that profile ${profileName} knows: ${fingerprint}`, `compare that with what manager status shows there, then: ovmcli profile remove ${profileName}`, { fingerprint })
  if (known === null) {
    const unended = await replaceProfile(desk, profileName, { manager: url, user: 'admin', farm: '', trust: { kind: 'pinned', fingerprint }, token: '', expiresAt: new Date(0).toISOString() }, before)
    if (unended !== null) say(unended)
  }
  say(`trusting the certificate ${fingerprint}`)
  const used = currentProfile()
  useProfile(profileName)
  say(`profile ${profileName} is in use${used === null || used === profileName ? '' : `, and ${used} no more`}`)
}
