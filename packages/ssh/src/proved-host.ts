import { invalidField, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { readHostByKey, type SshHostRow } from './ssh-host.queries.ts'
import { fingerprint, isSshSignatureOf, parsePublicKeyLine, SshWireError, type SshSignedMessage } from './wire/index.ts'

/** What somebody shows who says that they are a host. */
export interface HostProof extends SshSignedMessage {
  /** Of its pinned key. */
  readonly fingerprint: string
  /** In base64. */
  readonly signature: string
}

/**
 * The host whose pinned key signed the message. Whoever has no host's key learns nothing of which there are: an unknown
 * key and a wrong signature are one refusal.
 */
export async function requireProvedHost(db: Store, proof: HostProof): Promise<SshHostRow> {
  const host = await readHostByKey(db, proof.fingerprint)
  if (host === null || !isProvedBy(host, proof))
    throw new Refusal('host-key-mismatch', { hint: 'this is to be signed by the key that is pinned for the host' })
  return host
}

function isProvedBy({ host_key }: SshHostRow, proof: HostProof): boolean {
  const key = parsePublicKeyLine(host_key)
  if (fingerprint(key) !== proof.fingerprint) return false
  try {
    return isSshSignatureOf(key, proof, Buffer.from(proof.signature, 'base64'))
  } catch (error) {
    if (error instanceof SshWireError) return false
    throw error
  }
}

/** Nodes' clocks differ by less; a time further ahead was not given by any of them. */
const aheadMillisecondsMax = 5000

/** Refuses a time of ours that is still to come. */
export function refuseAhead(heardAt: Date, now: Date): void {
  if (heardAt.getTime() > now.getTime() + aheadMillisecondsMax)
    throw invalidField('heardAt', 'the time that came with the last answer of `/ssh/krl`')
}
