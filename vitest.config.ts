import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Most tests start real processes: the time limit is there for hangs, not for slow machines.
// The plug-in exports its commands, and not the files that generate the scripts; the build and tsconfig.json know them by path as well.
const pluginFiles = fileURLToPath(new URL('node_modules/@oclif/plugin-autocomplete/lib', import.meta.url))

export default defineConfig({ resolve: { alias: { '@oclif/plugin-autocomplete/lib': pluginFiles } }, test: { include: ['test/**/*.test.ts'], globalSetup: 'test/farms.ts', setupFiles: process.env['OVMCLI_TEST_BACKEND'] === 'remote' ? ['test/remote-setup.ts'] : [], testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 } })
