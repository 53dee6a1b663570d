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
