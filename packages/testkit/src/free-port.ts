import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ports that the kernel gives to outgoing connections (32768 on Linux, 49152 elsewhere): one of those may be
 * taken by anybody's call between the choice and the start.
 */
const portsFrom = 10_000
const portsTo = 32_000
const triesMax = 100

/** A TCP port on the loopback interface that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(portsFrom, portsTo)
    if (await isFree(port)) return port
  }
  throw new RangeError('no free port was found')
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
