import { createInterface } from 'node:readline'
import inquirer from 'inquirer'
import { printable } from './streams.js'
import { movesCursor, tellLineEditor } from './terminal-kind.js'

/** Asks yes or no on the terminal; the question goes to stderr, the answer defaults to no. */
export async function confirm(message: string): Promise<boolean> {
  if (!movesCursor()) return confirmPlainly(message)
  const ask = inquirer.createPromptModule({ output: process.stderr })
  const { yes } = await ask<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message: printable(message), default: false }])
  return yes
}

/** The same where nothing can be drawn over. @throws an ExitPromptError, as inquirer does, for Ctrl-C and Ctrl-D */
async function confirmPlainly(message: string): Promise<boolean> {
  tellLineEditor()
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true })
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      reader.once('close', () => { reject(Object.assign(new Error('the question was given up'), { name: 'ExitPromptError' })) })
      reader.question(`${printable(message)} (y/N) `, resolve)
    })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    reader.close()
    process.stdin.pause()
  }
}
