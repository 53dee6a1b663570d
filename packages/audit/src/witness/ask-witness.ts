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
/** C2SP tlog-witness: no more lines of proof are sent. */
const proofLinesMax = 63

/** C2SP tlog-witness, add-checkpoint. Throws nothing that the witness could cause. */
export async function askWitness(
  { outbound, witness }: { readonly outbound: Outbound; readonly witness: Witness },
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
    return readAnswer({ status: answer.status, type: answer.headers['content-type'] ?? '', text }, { witness, note })
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return { kind: 'failed', message: error.message }
  }
}

/** By its status, as C2SP has it. Nothing of what it says beside is repeated. */
function readAnswer(
  { status, type, text }: { readonly status: number; readonly type: string; readonly text: string },
  { witness, note }: { readonly witness: Witness; readonly note: string },
): WitnessAnswer {
  if (status === 200) {
    const cosignature = cosignatureIn(text, note, witness.verifier)
    return cosignature === null
      ? { kind: 'failed', message: 'its answer has no good co-signature of its key' }
      : { kind: 'cosigned', cosignature }
  }
  const size = /^(0|[1-9]\d{0,15})\n$/.exec(text)?.[1]
  if (status === 409 && type.startsWith('text/x.tlog.size') && size !== undefined)
    return { kind: 'stale', size: Number(size) }
  if (status === 409 || status === 422)
    return { kind: 'refuted', message: 'it says that the log does not go on from what it saw before' }
  return { kind: 'failed', message: meaningOf[status] ?? `it answers with status ${status}` }
}

const meaningOf: Readonly<Record<number, string>> = {
  403: 'it does not know the key of this audit log (403)',
  404: 'it does not know the origin of this audit log (404)',
}
