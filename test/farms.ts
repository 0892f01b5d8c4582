import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TestProject } from 'vitest/node'
import { isRemote } from './remote-farm.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** a folder for the farms that tests begin with */
    farms: string
    /** what is preloaded into commands for the remote backend */
    remoteCommand: string
  }
}

/** A folder for the farms that tests begin with, for as long as the tests run; for the remote backend also what sends commands there. */
export default async function setup(project: TestProject): Promise<() => void> {
  const farms = mkdtempSync(join(tmpdir(), 'ovmcli-farms-'))
  project.provide('farms', farms)
  project.provide('remoteCommand', join(farms, 'remote-command.cjs'))
  if (isRemote) {
    const { build } = await import('esbuild')
    const source = join(import.meta.dirname, 'remote-command.ts')
    await build({ entryPoints: [source], bundle: true, platform: 'node', format: 'cjs', outfile: join(farms, 'remote-command.cjs'), define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) }, logLevel: 'error' })
  }
  return () => rmSync(farms, { recursive: true, force: true })
}
