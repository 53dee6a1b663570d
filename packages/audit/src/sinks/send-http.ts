import { createHmac } from 'node:crypto'
import { postDelivery, type Outbound } from '@gatehouse/kit/outbound'

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

/** Delivers; throws `DeliveryError`. */
export async function sendHttp(delivery: HttpDelivery): Promise<void> {
  const { outbound, url, authority, body } = delivery
  await postDelivery({ outbound, url, authority, headers: headersOf(delivery), body, secondsMax: sendSecondsMax })
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
