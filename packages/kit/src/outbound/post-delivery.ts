import { DeliveryError } from './delivery-error.ts'
import { createOutboundHttp, type OutboundAnswer } from './outbound-http.ts'
import { OutboundError, type Outbound } from './outbound.ts'

/** Something that is delivered to a receiver which a person has named. */
export interface PostedDelivery {
  readonly outbound: Outbound
  readonly url: string
  /** An authority that the receiver's certificate is checked by; null: the system's. */
  readonly authority: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** INVARIANT: shorter than the claim on what is delivered, so that no two processes deliver it knowingly. */
  readonly secondsMax: number
}

/** What a receiver answers is looked at for its status, and by a person who tests it for its first line. */
const answerBytesMax = 64 * 1024

/** Statuses by which a receiver says that what it got is wrong, and not who sent it or when. */
const refusedForGood: ReadonlySet<number> = new Set([400, 406, 413, 415, 422])

/**
 * Delivers by HTTPS through the one gate; private networks only where they are listed. Answers what the receiver said
 * when it took it; throws `DeliveryError` otherwise.
 */
export async function postDelivery(delivery: PostedDelivery): Promise<OutboundAnswer> {
  const { outbound, url, authority, headers, body, secondsMax } = delivery
  const http = createOutboundHttp({
    outbound,
    reach: 'public',
    ...(authority === null ? {} : { authorities: [authority] }),
  })
  const answer = await http
    .send({ url, method: 'POST', headers, body, secondsMax, answerBytesMax })
    .catch((error: unknown) => {
      if (error instanceof OutboundError) throw new DeliveryError('later', error.message, { cause: error })
      throw error
    })
  if (answer.status >= 200 && answer.status < 300) return answer
  const chance = refusedForGood.has(answer.status) ? 'never' : 'later'
  throw new DeliveryError(chance, `it answers with status ${answer.status}`, { answer })
}
