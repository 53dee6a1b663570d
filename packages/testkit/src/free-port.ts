import { createServer } from 'node:net'

/** Finds a TCP port on 127.0.0.1 that nobody listens on now. Another process may still take it first. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new TypeError('a TCP server has a numeric port'))
        else resolve(address.port)
      })
    })
  })
