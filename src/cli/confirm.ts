import inquirer from 'inquirer'
import { printable } from './streams.js'

/** Asks yes or no on the terminal; the question goes to stderr, the answer defaults to no. */
export async function confirm(message: string): Promise<boolean> {
  const ask = inquirer.createPromptModule({ output: process.stderr })
  const { yes } = await ask<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message: printable(message), default: false }])
  return yes
}
