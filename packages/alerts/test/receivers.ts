import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSelfSigned } from '@gatehouse/testkit'

/** What came over the wire. */
export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a receiver answers: a status and what it says; null: nothing, ever. */
export type Answering = (
  received: Received,
) => { readonly status: number; readonly says?: string; readonly location?: string } | null

export interface Receiver {
  readonly got: readonly Received[]
  readonly port: number
  /** An address of it by its name. */
  url(path: string): string
  answer(how: Answering): void
  /** Ends those that wait for an answer. */
  closeConnections(): void
  close(): Promise<void>
}

/** The name that a receiver's certificate is for, unless another is said. */
export const receiverName = 'hooks.example'

/** Receivers over TLS on this machine, which know each other by nothing. */
export async function openReceivers(
  name: string = receiverName,
): Promise<{ readonly authority: string; start(): Promise<Receiver> }> {
  const { certificate, key } = await createSelfSigned(name)
  return {
    authority: certificate,
    start: async () => {
      const got: Received[] = []
      let how: Answering = () => ({ status: 200, says: 'ok' })
      const server: Server = createServer({ cert: certificate, key }, (request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk))
        request.on('end', () => {
          const received = {
            path: request.url ?? '',
            headers: request.headers as Record<string, string>,
            body: Buffer.concat(chunks).toString('utf8'),
          }
          got.push(received)
          const answer = how(received)
          if (answer === null) return
          const { status, says = '', location } = answer
          response.writeHead(status, location === undefined ? {} : { location }).end(says)
        })
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo // listening on TCP
      return {
        got,
        port,
        url: (path) => `https://${name}:${port}${path}`,
        answer: (next) => {
          how = next
        },
        closeConnections: () => server.closeAllConnections(),
        close: async () => {
          server.closeAllConnections()
          server.close()
          await once(server, 'close')
        },
      }
    },
  }
}
