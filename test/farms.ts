import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext { farms: string }
}

/** A folder for the farms that tests begin with, for as long as the tests run. */
export default function setup(project: TestProject): () => void {
  const farms = mkdtempSync(join(tmpdir(), 'ovmcli-farms-'))
  project.provide('farms', farms)
  return () => rmSync(farms, { recursive: true, force: true })
}
