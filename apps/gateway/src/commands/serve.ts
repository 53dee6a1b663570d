import { once } from 'node:events'
import type { Server } from 'node:net'
import type { ServerType } from '@hono/node-server'
import { createLog, startMetricsServer, stopAsked, tellParent } from '@gatehouse/compose'
import { addressKey } from '@gatehouse/kit'
import { ConfigError, type Config } from '@gatehouse/config'
import { compileSooner } from '../compile-sooner.ts'
import { composeGateway, type Gateway } from '../compose.ts'
import { createFairTurns } from '../fair-turns.ts'
import { createHttpServer, serveNow, type Fetch } from '../http-server.ts'
import type { Pair } from '../tls/pair.ts'
import { openServedPair } from '../tls/served-pair.ts'

/**
 * Connections that wait to be accepted: a thousand clients at once shall not run into the kernel's retries, which take
 * seconds.
 */
const backlogMax = 4096

/** Calls under way may take this long to end after a stop was asked for. */
const graceMilliseconds = 5000

/** Serves until it is told to stop. */
export async function serveCommand(config: Config): Promise<void> {
  const log = createLog('gateway')
  const stopping = stopAsked(config.runtime.supervised) // heard from the first moment on
  const gateway = await composeGateway(config, log, () => tellParent('admin-password-changed'))
  const pair = await openServedPair(config, gateway.now)
  const servers = await listenOn(config.runtime, fairly(gateway), pair?.first ?? null)
  pair?.follow({
    onChange: (next) => {
      for (const server of servers) serveNow(server, next)
      log.info('serving the certificate that was put there')
    },
    onProblem: (problem) => log.error({ problem }, 'the new certificate is not good; the one before stays'),
  })
  const { listen: metricsListen } = config.runtime.metrics
  const metrics = metricsListen === null ? null : await startMetricsServer(metricsListen, () => gateway.metrics())
  compileSooner()
  log.info({ port: config.runtime.port, listen: config.runtime.listen }, 'serving')
  tellParent('ready')
  await stopping
  log.info('stopping')
  pair?.close()
  await Promise.all([...servers.map(closed), metrics?.close()])
  await gateway.close()
  process.exit(0) // a library's stray timer shall not keep a stopped gateway alive
}

/**
 * Each address's requests wait behind its own, and there each person's: those that come through a proxy by whom it
 * names.
 */
function fairly({ app, addressOf }: Gateway): Fetch {
  const turns = createFairTurns()
  return (request, env) => {
    const { headers, socket, url } = env.incoming
    // whether this process lives is asked by who would restart it: nobody's requests keep that waiting
    if (url === '/healthz') return Promise.resolve(app.fetch(request, env))
    const forwardedFor = headers['x-forwarded-for']
    const lane = {
      address: addressKey(addressOf(socket.remoteAddress ?? '', [forwardedFor ?? []].flat().join(','))),
      credential: headers.authorization ?? headers.cookie ?? '',
    }
    return turns(lane, () => app.fetch(request, env))
  }
}

/**
 * One server for each address; an address family that this machine does not have is left out as long as another is
 * there.
 */
async function listenOn({ port, listen }: Config['runtime'], fetch: Fetch, pair: Pair | null): Promise<ServerType[]> {
  const servers: ServerType[] = []
  for (const host of listen) {
    const server = createHttpServer(fetch, { pair })
    server.listen({ port, host, backlog: backlogMax })
    const missing = await listening(server, port).then(
      () => false,
      (error: NodeJS.ErrnoException) => isMissingFamily(error) || Promise.reject(error),
    )
    if (!missing) servers.push(server)
  }
  if (servers.length === 0)
    throw new ConfigError(`GATEHOUSE_LISTEN: this machine has none of the addresses ${listen.join(', ')}`)
  return servers
}

const isMissingFamily = ({ code }: NodeJS.ErrnoException): boolean =>
  code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'

async function listening(server: ServerType, port: number): Promise<void> {
  const failed = once(server, 'error').then(([error]: NodeJS.ErrnoException[]) => {
    throw error?.code === 'EADDRINUSE'
      ? new ConfigError(`GATEHOUSE_PORT: port ${port} is in use by another program`)
      : error
  })
  // EventEmitter's view of the server is enough to wait for it
  await Promise.race([(server as Server).listening ? Promise.resolve() : once(server, 'listening'), failed])
  failed.catch(() => undefined)
}

/** Lets calls under way end, but not for ever. */
function closed(server: ServerType): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()))
  setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), graceMilliseconds).unref()
  if ('closeIdleConnections' in server) server.closeIdleConnections()
  return ended
}
