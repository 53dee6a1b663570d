import type { Remembered } from './check-entry.ts'

/** A checkpoint is public and signed: remembering it is what makes a rollback visible. */
const checkpointKey = 'gatehouse.checkpoint'
/** The log's public key as this browser saw it first. */
const publicKeyKey = 'gatehouse.auditKey'

/** What this browser has kept of the log. */
export const remembered = (): Remembered => ({
  checkpoint: localStorage.getItem(checkpointKey),
  publicKey: localStorage.getItem(publicKeyKey),
})

/** Keeps what a check went well with. */
export function keepRemembered({ checkpoint, publicKey }: Remembered): void {
  if (checkpoint !== null) localStorage.setItem(checkpointKey, checkpoint)
  if (publicKey !== null) localStorage.setItem(publicKeyKey, publicKey)
}

/** Forgets the log: what was seen of it can't be compared any more. */
export function forgetCheckpoint(): void {
  localStorage.removeItem(checkpointKey)
  localStorage.removeItem(publicKeyKey)
}
