import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { connectionTo } from './store.ts'

/** After a connection that broke, or could not be made. */
const reconnectMilliseconds = 1000
/** To listen costs the server nothing: one that has not said yes by then will not. */
const listenMillisecondsMax = 5000

export interface ListenOptions {
  readonly name: string
  readonly channel: string
  /** Called with each notification, and whenever some may have been missed: after each connection that was made. */
  readonly onHeard: () => void
  /** Told of the first failure in a row. */
  readonly onError: (error: unknown) => void
}

/** A connection that only listens: while nothing is said it costs the database nothing. */
export interface Listening {
  close(): Promise<void>
}

/** Opens such a connection; which database it is of is settled. */
export type Listen = (options: ListenOptions) => Listening

/** Listens on a channel of PostgreSQL until it is closed, again after every break. */
export function listenTo(url: string, { name, channel, onHeard, onError }: ListenOptions): Listening {
  const stop = new AbortController()
  const stopped = aborted(stop.signal)
  let failing = false

  const listenOnce = async (): Promise<void> => {
    const socket = new Socket()
    const client = new pg.Client({
      ...connectionTo(url, { name }),
      query_timeout: listenMillisecondsMax,
      stream: () => socket,
    })
    const broken = new Promise<never>((_, reject) => {
      client.once('error', reject)
      client.once('end', () => reject(new Error('the connection that listens has ended')))
    })
    broken.catch(() => undefined) // also when it breaks before it is waited for
    try {
      client.on('notification', onHeard)
      const listening = client.connect().then(() => client.query(`listen ${client.escapeIdentifier(channel)}`))
      await Promise.race([listening, broken, stopped])
      if (stop.signal.aborted) return
      failing = false
      onHeard()
      await Promise.race([broken, stopped])
    } finally {
      client.removeAllListeners('notification')
      client.on('error', () => undefined)
      socket.destroy() // a server that hangs answers no farewell, and who closes would wait for it
    }
  }

  const running = (async () => {
    while (!stop.signal.aborted) {
      try {
        await listenOnce()
      } catch (error) {
        if (!failing && !stop.signal.aborted) onError(error)
        failing = true
      }
      await sleep(reconnectMilliseconds, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  })()
  return {
    close: async () => {
      stop.abort()
      await running
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
