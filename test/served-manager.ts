import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { managersVariable } from './remote-farm.js'
import { Session, type Running } from './session.js'

/** The password of the first administrator of served farms. */
export const password = 'correct horse battery'

const farms: ServedFarm[] = []
afterAll(() => { for (const farm of farms) farm.stop() })

/** A farm with a manager that can be served, and who works on it. */
export class ServedFarm extends Session {
  readonly passwordFile = join(this.home, 'password')
  url = ''
  private manager: Running | null = null

  constructor(preset: string, ...flags: string[]) {
    super(preset, ...flags)
    farms.push(this)
    writeFileSync(this.passwordFile, `${password}\n`, { mode: 0o600 })
    this.ok('manager init -q -o name --admin-password-file', this.passwordFile)
  }

  /** Its commands say themselves whether they go to the manager, with either backend. */
  override env(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    const { NODE_OPTIONS: _preloaded, [managersVariable]: _managers, ...env } = super.env(more)
    return env
  }

  /** Serves the farm on any port that is free; resolves when it answers. */
  serve(...flags: string[]): Promise<Running> {
    return this.serveAt('0', ...flags)
  }

  /** Serves it where it was served before. */
  serveAgain(): Promise<Running> {
    return this.serveAt(new URL(this.url).port)
  }

  private async serveAt(port: string, ...flags: string[]): Promise<Running> {
    const manager = this.start(`manager serve --https-port ${port}`, ...flags)
    this.manager = manager
    this.url = (await manager.printed(/^https/)).split('\n')[0]!
    return manager
  }

  /** Ends the manager, where one is left. */
  stop(): void {
    this.manager?.signal('SIGKILL')
    this.manager = null
  }

  /** Adds a profile of the administrator. */
  logIn(name = 'work'): void {
    this.ok(`profile add ${name} -q --manager ${this.url} --trust-on-first-use --password-file ${this.passwordFile}`)
  }

  /** A command on the farm itself, by its administrator. */
  here<T>(words: string, ...more: string[]): T {
    return JSON.parse(this.runWith({ env: { OVMCLI_PASSWORD: password } }, `${words} -o json`, ...more).stdout) as T
  }

  /** A number of the manager's metrics, of all labels together. */
  async metric(name: string): Promise<number> {
    const { text } = await this.door('GET', '/metrics')
    return text.split('\n').filter(line => line.startsWith(name)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  /** An answer of the manager's door. */
  door(method: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      request(new URL(path, this.url), { method, headers, rejectUnauthorized: false, agent: false }, response => {
        let text = ''
        response.on('data', (data: Buffer) => { text += data.toString() })
        response.on('end', () => resolve({ status: response.statusCode!, text }))
      }).on('error', reject).end()
    })
  }
}

/** The header of HTTP Basic. */
export function basic(user: string, secret: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` }
}
