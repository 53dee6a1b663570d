import { fileURLToPath } from 'node:url'
import type { Sealer } from '@gatehouse/enforcement'
import type { DataConverter } from '@temporalio/common'
import { createPayloadCodec } from './payload-codec.ts'

/** How values cross Temporal, the same for worker and clients: JSON, sealed, failures included. */
export const dataConverterFor = (sealer: Sealer): DataConverter => ({
  payloadCodecs: [createPayloadCodec(sealer)],
  failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
})
