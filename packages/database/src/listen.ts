import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** After a connection that broke, or could not be made. */
const reconnectMilliseconds = 1000

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
  let failing = false

  const listenOnce = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: url, application_name: name, keepAlive: true })
    const broken = new Promise<never>((_, reject) => {
      client.once('error', reject)
      client.once('end', () => reject(new Error('the connection that listens has ended')))
    })
    broken.catch(() => undefined) // also when it breaks before it is waited for
    try {
      client.on('notification', onHeard)
      await Promise.race([client.connect(), broken])
      await Promise.race([client.query(`listen ${client.escapeIdentifier(channel)}`), broken])
      failing = false
      onHeard()
      await Promise.race([broken, aborted(stop.signal)])
    } finally {
      client.removeAllListeners('notification')
      client.on('error', () => undefined)
      await client.end().catch(() => undefined)
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
