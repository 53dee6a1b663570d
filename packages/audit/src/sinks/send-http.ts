import { createHmac } from 'node:crypto'
import { createOutboundHttp, OutboundError, type Outbound } from '@gatehouse/kit/outbound'
import { SinkError } from './sink-error.ts'

/** One delivery over HTTP. */
export interface HttpDelivery {
  readonly outbound: Outbound
  readonly kind: 'http' | 'hec' | 'webhook'
  readonly url: string
  /** An authority that the receiver's certificate is checked by; null: the system's. */
  readonly authority: string | null
  readonly secret: string | null
  readonly mediaType: string
  /** Names the delivery: the same when it is made again, so that its receiver can tell. */
  readonly deliveryId: string
  readonly body: string
  readonly now: Date
}

/** INVARIANT: shorter than a claim on a sink, so that no two processes deliver to one knowingly. */
export const sendSecondsMax = 20
/** What a receiver answers is looked at for its status alone. */
const answerBytesMax = 64 * 1024

/** Statuses by which a receiver says that what it got is wrong, and not who sent it or when. */
const refusedForGood: ReadonlySet<number> = new Set([400, 406, 413, 415, 422])

/** Delivers; throws `SinkError`. Its message repeats nothing of the answer. */
export async function sendHttp(delivery: HttpDelivery): Promise<void> {
  const { outbound, url, authority, body } = delivery
  const http = createOutboundHttp({
    outbound,
    reach: 'public',
    ...(authority === null ? {} : { authorities: [authority] }),
  })
  const answer = await http
    .send({ url, method: 'POST', headers: headersOf(delivery), body, secondsMax: sendSecondsMax, answerBytesMax })
    .catch((error: unknown) => {
      if (error instanceof OutboundError) throw new SinkError('later', error.message, { cause: error })
      throw error
    })
  if (answer.status >= 200 && answer.status < 300) return
  throw new SinkError(refusedForGood.has(answer.status) ? 'never' : 'later', `it answers with status ${answer.status}`)
}

function headersOf({ kind, secret, mediaType, deliveryId, body, now }: HttpDelivery): Record<string, string> {
  const common = { 'content-type': mediaType, 'user-agent': 'Gatehouse', 'gatehouse-delivery': deliveryId }
  if (secret === null) return common
  if (kind === 'hec') return { ...common, authorization: `Splunk ${secret}` }
  if (kind === 'http') return { ...common, authorization: `Bearer ${secret}` }
  return { ...common, 'gatehouse-signature': signatureOf({ secret, body, now }) }
}

/**
 * By which a receiver knows that it is us, and that it was now: `t=<seconds>,v1=<hex of HMAC-SHA-256(secret,
 * "<seconds>.<body>")>`.
 */
export function signatureOf({ secret, body, now }: { secret: string; body: string; now: Date }): string {
  const seconds = Math.floor(now.getTime() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
