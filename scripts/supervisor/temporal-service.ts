import { homedir } from 'node:os'
import { temporalArguments, temporalPath } from '@gatehouse/testkit/servers'
import type { Service } from './child.ts'
import { spawnChild } from './child.ts'
import { systemUrls } from './dev-file.ts'
import { openLog } from './home.ts'
import type { Home } from './home.ts'
import type { Settings } from './settings.ts'
import { StartError } from './settings.ts'
import { waitForHttp } from './wait-for-http.ts'

const READY_TIMEOUT_MS = 60_000

/** The Temporal server of this state directory, its web included. */
export const temporalService = (home: Home, settings: Settings, say: (line: string) => void): Service => {
  const { temporal: port, temporalWeb: uiPort } = settings.ports
  // by the name under which people log in, whose cookies its page may send: localhost, whatever the port
  const { web } = systemUrls({ scheme: settings.scheme, port: settings.ports.gateway }, null)
  let program: string | null = null
  return {
    name: 'temporal',
    needs: [],
    prepare: async () => {
      program ??= await temporalPath(say)
    },
    spawn: () => {
      if (program === null) throw new StartError('Temporal was to be started before it was found')
      const started = spawnChild({
        name: 'temporal',
        command: program,
        args: temporalArguments({
          file: home.temporalFile,
          port,
          uiPort,
          namespace: settings.namespace,
          codecUrl: `${web}/temporal/codec`,
        }),
        cwd: home.directory,
        // Not the caller's TEMPORAL_… variables: they are meant for clients, and this program reads them, too.
        env: { PATH: process.env.PATH ?? '', HOME: homedir() },
        log: openLog(home, 'temporal'),
        bond: 'free',
      })
      // The web asks the server for our namespace: with this answer both are up, and the namespace is there for the
      // worker.
      const ready = waitForHttp(
        `http://127.0.0.1:${uiPort}/api/v1/namespaces/${encodeURIComponent(settings.namespace)}`,
        { timeoutMs: READY_TIMEOUT_MS, signal: endSignal(started.ended) },
      )
      return { ...started, ready }
    },
  }
}

/** A signal that is given when a child has ended. */
export const endSignal = (ended: Promise<string>): AbortSignal => {
  const controller = new AbortController()
  void ended.then((how) => controller.abort(new Error(how)))
  return controller.signal
}
