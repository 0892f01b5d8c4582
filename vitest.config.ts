import { defineConfig } from 'vitest/config'

// Most tests start real processes: the time limit is there for hangs, not for slow machines.
export default defineConfig({ test: { include: ['test/**/*.test.ts'], globalSetup: 'test/farms.ts', testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 } })
