import inquirer from 'inquirer'
import { Refusal } from './refusal.js'
import { printable } from './streams.js'

/** Asks for a password on the terminal, which shows nothing of it, whatever key is pressed; the question goes to stderr. */
export async function askPassword(message: string): Promise<string> {
  const ask = inquirer.createPromptModule({ output: process.stderr })
  const { password } = await ask<{ password: string }>([{ type: 'password', name: 'password', message: `${printable(message)}:`, toggleMask: false }])
  return password
}

/** Asks for a new password twice. @throws Refusal usage.password when the two differ */
export async function askNewPassword(user: string): Promise<string> {
  const first = await askPassword(`New password of ${user}`)
  if (first === (await askPassword('Again'))) return first
  throw new Refusal('usage.password', 'the two passwords differ', 'give the command again')
}
