#!/usr/bin/env node
'use strict'
// The same program from its sources, unbuilt: slower to start, nothing to forget.
import('tsx/esm/api')
  .then(({ tsImport }) => tsImport('../src/main.ts', __filename))
  .then(({ main }) => main(process.argv.slice(2)))
  .then((exitCode) => {
    process.exitCode = exitCode
  })
