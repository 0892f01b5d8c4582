// A manager of a farm behind TLS, for `node scripts/bench-wire.mjs`: HOME PORT KEY CERT.
import { readFileSync } from 'node:fs'
import { openManager } from '../../src/embedded/open.js'
import { boundedServer } from '../../src/wsapi/listen.js'
import { farmService } from '../../src/wsapi/service.js'

const [home, key, cert] = process.argv.slice(2) as [string, string, string]
void openManager({ home, farm: null }).then(manager => {
  const service = farmService({ manager, identify: async () => ({ user: 'admin' }), onDefect: error => { console.error(error) } })
  const { server } = boundedServer(service.listener, { key: readFileSync(key), cert: readFileSync(cert) })
  server.listen(0, '127.0.0.1', () => { console.log((server.address() as { port: number }).port) })
})
