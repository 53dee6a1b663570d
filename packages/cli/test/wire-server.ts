import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** A call as it arrived. */
export interface ReceivedCall {
  readonly name: string
  readonly method: string
  readonly input: unknown
  readonly token: string | null
  /** The proof of possession, where there was one. */
  readonly proof?: string
  /** What the device said it is known by, where it did. */
  readonly device?: string
}

/** What is answered: an output, a refusal as the wire has it, or a stream of items. */
export type Answer =
  | { readonly output: unknown }
  | {
      readonly refusal: { readonly code: string; readonly [detail: string]: unknown }
      readonly status: number
      readonly message?: string
    }
  | { readonly stream: readonly unknown[] }
  /** The connection breaks after the call was done. */
  | { readonly lost: true }

/**
 * The network's other end: speaks tRPC's wire format and nothing else, so that parsing and printing can be tested
 * without a system.
 */
export interface WireServer {
  readonly url: string
  readonly calls: ReceivedCall[]
  close(): Promise<void>
}

/** Serves canned answers on a port of its own. */
export const startWireServer = async (
  answer: (call: ReceivedCall) => Answer | Promise<Answer>,
): Promise<WireServer> => {
  const calls: ReceivedCall[] = []
  const server = createServer((request, response) => void serve(request, response))
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await received(request)
    calls.push(call)
    send(response, call, await answer(call))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const received = async (request: IncomingMessage): Promise<ReceivedCall> => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  // a request without an encoding yields buffers
  const body = Buffer.concat((await request.toArray()) as Buffer[]).toString('utf8')
  const text = request.method === 'POST' ? body : url.searchParams.get('input')
  return {
    name: url.pathname.replace('/trpc/', ''),
    method: request.method ?? '',
    input: text === null || text === '' ? null : JSON.parse(text),
    token: request.headers.authorization?.replace(/^(Bearer|DPoP) /, '') ?? null,
    ...(typeof request.headers['dpop'] === 'string' ? { proof: request.headers['dpop'] } : {}),
    ...(typeof request.headers['gatehouse-device'] === 'string' ? { device: request.headers['gatehouse-device'] } : {}),
  }
}

const send = (response: ServerResponse, { name }: ReceivedCall, answer: Answer): void => {
  if ('lost' in answer) {
    response.destroy()
    return
  }
  if ('stream' in answer) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: connected\ndata: {}\n\n')
    for (const item of answer.stream) response.write(`data: ${JSON.stringify(item)}\n\n`)
    response.end('event: return\ndata: \n\n')
    return
  }
  const status = 'output' in answer ? 200 : answer.status
  const body =
    'output' in answer
      ? { result: { data: answer.output } }
      : {
          error: {
            message: answer.message ?? 'refused',
            code: -32000,
            data: { code: 'X', httpStatus: answer.status, path: name, refusal: answer.refusal },
          },
        }
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
