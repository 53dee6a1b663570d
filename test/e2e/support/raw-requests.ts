import { connect, type Socket } from 'node:net'

/** Lines of a request after the first, as bytes: what no HTTP client would send can be sent. */
export type RawHeaders = string

/**
 * Sends GET requests one behind the other over one connection (RFC 9112 §9.3.2), opening another when the server has
 * closed it, and answers their statuses in order. What the parser refuses ends a connection with all that is
 * unanswered: send such ones singly.
 */
export async function statusesOf(
  port: number,
  path: string,
  headers: readonly RawHeaders[],
  atOnce = batchMax,
): Promise<number[]> {
  const statuses: number[] = []
  while (statuses.length < headers.length) {
    const batch = headers.slice(statuses.length, statuses.length + atOnce)
    const got = await exchange(
      port,
      batch.map((lines) => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`, 'latin1')),
    )
    if (got.length === 0) throw new TypeError(`no answer to ${JSON.stringify(batch[0])}`)
    statuses.push(...got)
  }
  return statuses
}

/** So many at once fill a connection without filling its buffers. */
const batchMax = 100

const statusLine = /HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g

/** One connection: all requests out, then the statuses until as many have come or the server has closed. */
function exchange(port: number, requests: readonly Buffer[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat(requests)))
    let text = ''
    const statuses = (): number[] => [...text.matchAll(statusLine)].map(([, status]) => Number(status))
    const end = (): void => {
      socket.destroy()
      resolve(statuses())
    }
    socket.setTimeout(30_000, () => reject(new TypeError('the server went silent')))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (statuses().length >= requests.length) end()
    })
    // a server that closes in the middle of what we send may reset the connection
    socket.on('error', end)
    socket.on('close', end)
  })
}
