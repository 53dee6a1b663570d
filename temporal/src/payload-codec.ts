import type { Sealer } from '@gatehouse/enforcement'
import { METADATA_ENCODING_KEY, ValueError, type Payload, type PayloadCodec } from '@temporalio/common'
import proto from '@temporalio/proto' // CommonJS: Node finds no names in it

const encoding = new TextEncoder().encode('binary/encrypted')

/**
 * Associated data of everything that crosses Temporal: a payload cannot be taken for a sealed value of ours, nor the
 * other way round.
 */
const place = { table: 'temporal', column: 'payload', id: 'any' } as const

/**
 * Seals every payload that leaves for Temporal under the data key (AES-256-GCM), and opens what comes back. One that
 * was not sealed is refused.
 */
export const createPayloadCodec = (sealer: Sealer): PayloadCodec => ({
  encode: (payloads) =>
    Promise.resolve(
      payloads.map((payload) => ({
        metadata: { [METADATA_ENCODING_KEY]: encoding },
        data: sealer.seal(place, proto.temporal.api.common.v1.Payload.encode(payload).finish()),
      })),
    ),
  decode: (payloads) => Promise.resolve(payloads.map((payload) => opened(sealer, payload))),
})

/** A payload as it was before it was sealed. */
export interface OpenedPayload {
  readonly encoding: Uint8Array
  readonly data: Uint8Array
}

/** Opens the data of one sealed payload; null: it was not sealed here, or not for Temporal. */
export function openPayload(sealer: Sealer, sealed: Uint8Array): OpenedPayload | null {
  try {
    const { metadata, data } = proto.temporal.api.common.v1.Payload.decode(sealer.unseal(place, sealed))
    return { encoding: metadata[METADATA_ENCODING_KEY] ?? new Uint8Array(), data }
  } catch {
    return null // whatever is wrong with it: a caller learns no more
  }
}

function opened(sealer: Sealer, { metadata, data }: Payload): Payload {
  const name = metadata?.[METADATA_ENCODING_KEY]
  if (
    name === undefined ||
    data === undefined ||
    data === null ||
    new TextDecoder().decode(name) !== 'binary/encrypted'
  )
    throw new ValueError('a payload that is not encrypted')
  return proto.temporal.api.common.v1.Payload.decode(sealer.unseal(place, data))
}
