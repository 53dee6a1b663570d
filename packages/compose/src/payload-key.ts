import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '@gatehouse/config'
import { sealedFile } from '@gatehouse/keys'
import type { Foundation } from './foundation.ts'

const keyBytes = 32

/** The key of Temporal's payloads: sealed in the home, made by whichever process needs it first. */
export async function payloadKey({ runtime }: Config, { sealer }: Foundation): Promise<Uint8Array> {
  const file = sealedFile({ path: join(runtime.home, 'keys', 'temporal-payload.key'), sealer, column: 'key' })
  const known = await file.read()
  if (known !== null) return known
  const made = new Uint8Array(randomBytes(keyBytes))
  if (await file.create(made)) return made
  const winner = await file.read()
  if (winner === null) throw new TypeError(`${file.path} was there and is gone`)
  return winner
}
