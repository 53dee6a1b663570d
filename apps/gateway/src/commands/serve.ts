import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import { stopAsked, tellParent } from '@gatehouse/compose'
import { ConfigError, type Config } from '@gatehouse/config'
import { composeGateway } from '../compose.ts'
import { createLog } from '../log.ts'

/** Connections that wait to be accepted: a thousand clients at once shall not run into the kernel's retries, which take seconds. */
const backlogMax = 4096

/** Calls under way may take this long to end after a stop was asked for. */
const graceMilliseconds = 5000

/** Serves until it is told to stop. */
export async function serveCommand(config: Config): Promise<void> {
  const log = createLog('gateway')
  const gateway = await composeGateway(config, log, () => tellParent('admin-password-changed'))
  const server = createAdaptorServer({ fetch: gateway.app.fetch })
  server.listen({ port: config.runtime.port, host: '::', backlog: backlogMax })
  await listening(server, config.runtime.port)
  log.info({ port: (server.address() as AddressInfo).port }, 'serving') // a listening TCP server has an address of this form
  tellParent('ready')
  await stopAsked(config.runtime.supervised)
  log.info('stopping')
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), graceMilliseconds).unref()
  if ('closeIdleConnections' in server) server.closeIdleConnections()
  await closed
  await gateway.close()
  process.exit(0) // a library's stray timer shall not keep a stopped gateway alive
}

async function listening(server: ServerType, port: number): Promise<void> {
  const failed = once(server, 'error').then(([error]: NodeJS.ErrnoException[]) => {
    throw error?.code === 'EADDRINUSE' ? new ConfigError(`GATEHOUSE_PORT: port ${port} is in use by another program`) : error
  })
  // EventEmitter's view of the server is enough to wait for it
  await Promise.race([(server as Server).listening ? Promise.resolve() : once(server, 'listening'), failed])
  failed.catch(() => undefined)
}
