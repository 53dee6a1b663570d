import { Buffer } from 'node:buffer'
import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestTls } from 'node:https'
import { otlpDocument, type OtlpSource } from './otlp.ts'
import { withoutRequest, type Span } from './running-request.ts'

export interface OtlpSenderOptions extends OtlpSource {
  /** Where traces are sent to: the whole URL. It is of the settings, so it may lead to this machine. */
  readonly url: string
  /** Such as a token; never in a log. */
  readonly headers: Readonly<Record<string, string>>
}

/** A collector takes a message in milliseconds. */
const sendMilliseconds = 5000

/** Sends spans by OTLP over HTTP as JSON, one connection for each message. Rejects for all but a 2xx in time. */
export const createOtlpSender =
  (options: OtlpSenderOptions): ((spans: readonly Span[]) => Promise<void>) =>
  (spans) =>
    withoutRequest(() => post(options, otlpDocument(options, spans)))

function post({ url, headers }: OtlpSenderOptions, body: string): Promise<void> {
  const send = url.startsWith('https:') ? requestTls : requestPlain
  return new Promise((resolve, reject) => {
    const outgoing = send(url, {
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(sendMilliseconds),
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    outgoing.once('error', reject)
    outgoing.once('response', (answer: IncomingMessage) => {
      // what it says is of no use here, and a body without an end must not hold us
      answer.destroy()
      const { statusCode = 0 } = answer
      if (statusCode >= 200 && statusCode < 300) resolve()
      else reject(new Error(`the collector of traces answers ${statusCode}`))
    })
    outgoing.end(body)
  })
}
