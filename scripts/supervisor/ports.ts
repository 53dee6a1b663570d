import { createServer } from 'node:net'
import { PORT_VARIABLES, StartError } from './settings.ts'
import type { Settings } from './settings.ts'

// Both are what `localhost` may mean.
const LOOPBACK = ['127.0.0.1', '::1']

/** Refuses to start when a port we need is taken, naming the port and the variable that moves it. */
export const checkPorts = async (settings: Settings): Promise<void> => {
  const needed = [
    'gateway' as const,
    ...(settings.database ? [] : (['postgres'] as const)),
    ...(settings.temporal ? [] : (['temporal', 'temporalWeb'] as const)),
  ]
  const seen = new Map<number, string>()
  for (const name of needed) {
    const port = settings.ports[name]
    const variable = PORT_VARIABLES[name]
    const other = seen.get(port)
    if (other !== undefined) throw new StartError(`port ${port} is asked for twice, by ${other} and ${variable}`)
    seen.set(port, variable)
    if (await isTaken(port))
      throw new StartError(
        `port ${port} (${name}) is in use: stop what listens there, or set ${variable} to a free one`,
      )
  }
}

/** Says whether somebody listens on this port of the loopback interface. */
export const isTaken = async (port: number): Promise<boolean> =>
  (await Promise.all(LOOPBACK.map((host) => isTakenOn(host, port)))).includes(true)

const isTakenOn = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    // Other failures, such as a machine without IPv6, say nothing about the port; whoever listens in earnest will
    // report them.
    server.once('error', (error) => resolve('code' in error && error.code === 'EADDRINUSE'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)))
  })
