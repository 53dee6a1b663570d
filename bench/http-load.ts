import { Agent, request } from 'node:http'
import type { Side } from './row.ts'

export interface Asked {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Requests in flight at once, each on a connection of its own that stays open. */
  readonly width: number
  /** JSON that is posted; absent: nothing is, and it is a GET. */
  readonly body?: string
}

/** Asks one thing again and again over kept connections, with as little of a client's own work as Node allows. */
export function httpLoad(name: string, { url, headers, width, body }: Asked): Side {
  const agent = new Agent({ keepAlive: true, maxSockets: width })
  const { hostname, port, pathname, search } = new URL(url)
  const bytes = body === undefined ? undefined : Buffer.from(body)
  const options = {
    agent,
    hostname,
    port,
    path: pathname + search,
    ...(bytes === undefined
      ? { method: 'GET', headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', 'content-length': String(bytes.length) },
        }),
  }
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      request(options, (response) => {
        response.on('error', reject).on('end', () => {
          if (response.statusCode === 200) resolve()
          else reject(new Error(`${url} answered ${response.statusCode}`))
        })
        response.resume()
      })
        .on('error', reject)
        .end(bytes)
    })
  return {
    name,
    run: async (times) => {
      let left = times
      await Promise.all(
        Array.from({ length: width }, async () => {
          while (left-- > 0) await once()
        }),
      )
    },
  }
}
