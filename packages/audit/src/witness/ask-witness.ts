import type { Clock } from '@gatehouse/enforcement'
import { createOutboundHttp, OutboundError, type Outbound } from '@gatehouse/kit/outbound'
import { cosignatureIn, type Cosignature, type WitnessVerifier } from '../verify.ts'

/** A witness of the settings. */
export interface Witness {
  readonly verifier: WitnessVerifier
  /** C2SP tlog-witness: the submission prefix, without a slash at its end. */
  readonly url: string
}

/** What a witness is shown: a checkpoint, and that it goes on from the size that the witness last saw. */
export interface Submission {
  readonly oldSize: number
  readonly hashes: readonly Uint8Array[]
  readonly note: string
}

/**
 * What comes of it. `stale`: the witness has last seen another size. `refuted`: it says that the checkpoint does not go
 * on from what it saw, which nobody says of an honest log.
 */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly cosignature: Cosignature }
  | { readonly kind: 'stale'; readonly size: number }
  | { readonly kind: 'refuted'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }

/** INVARIANT: twice this is less than a claim on a witness lasts. */
export const askSecondsMax = 15
/** A few lines of a signature each. */
const answerBytesMax = 16 * 1024
/** Clocks differ. A signature for later would pass for a fresh one until that time has come, whatever came between. */
const aheadMillisecondsMax = 5 * 60_000
/** C2SP tlog-witness: no more lines of proof are sent. */
const proofLinesMax = 63

/** C2SP tlog-witness, add-checkpoint. Throws nothing that the witness could cause. */
export async function askWitness(
  { outbound, witness, clock }: { readonly outbound: Outbound; readonly witness: Witness; readonly clock: Clock },
  { oldSize, hashes, note }: Submission,
): Promise<WitnessAnswer> {
  if (hashes.length > proofLinesMax) throw new RangeError('a proof of consistency has at most 63 hashes')
  const lines = hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
  try {
    // checkpoints are public and bear signatures, as answers do: nothing is lost where a witness speaks plain HTTP
    const answer = await createOutboundHttp({ outbound, reach: 'public' }).send({
      url: `${witness.url}/add-checkpoint`,
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'Gatehouse' },
      body: `old ${oldSize}\n${lines.join('')}\n${note}`,
      secondsMax: askSecondsMax,
      answerBytesMax,
      plain: 'allowed',
    })
    const text = Buffer.from(answer.body).toString('utf8')
    return readAnswer(
      { status: answer.status, type: answer.headers['content-type'] ?? '', text },
      { witness, note, now: clock.now() },
    )
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return { kind: 'failed', message: error.message }
  }
}

/** By its status, as C2SP has it. Nothing of what it says beside is repeated. */
function readAnswer(
  { status, type, text }: { readonly status: number; readonly type: string; readonly text: string },
  { witness, note, now }: { readonly witness: Witness; readonly note: string; readonly now: Date },
): WitnessAnswer {
  if (status === 200) {
    const cosignature = cosignatureIn(text, note, witness.verifier)
    if (cosignature === null) return { kind: 'failed', message: 'its answer has no good co-signature of its key' }
    if (cosignature.time * 1000 > now.getTime() + aheadMillisecondsMax)
      return { kind: 'failed', message: 'it signs for a time that has not come; its clock is ahead, or ours behind' }
    return { kind: 'cosigned', cosignature }
  }
  if (status === 409 && type.startsWith('text/x.tlog.size')) {
    const size = /^(0|[1-9]\d{0,14})\n$/.exec(text)?.[1]
    // what says no size says nothing of the log either
    if (size === undefined) return { kind: 'failed', message: 'its answer has no size (409)' }
    return { kind: 'stale', size: Number(size) }
  }
  if (status === 409 || status === 422)
    return { kind: 'refuted', message: 'it says that the log does not go on from what it saw before' }
  return { kind: 'failed', message: meaningOf[status] ?? `it answers with status ${status}` }
}

const meaningOf: Readonly<Record<number, string>> = {
  403: 'it does not know the key of this audit log (403)',
  404: 'it does not know the origin of this audit log (404)',
}
