import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { hostRefusal } from './host-refusal.ts'
import type { SshDeps } from './ssh-deps.ts'
import { readKey } from './ssh-key.queries.ts'
import { toKey } from './ssh-view.ts'

/**
 * Takes a key off its host. Asked for is asked for: when the host cannot be reached the refusal says so, the key stands
 * as
 * `removing` and the lease as `active` with its error, and both are retried until the line is gone.
 */
export const revokeSshKey =
  ({ db, leases }: SshDeps): Handler<'sshKey.revoke'> =>
  async (permit) => {
    const key = await readKey(db, permit.input.id)
    if (key === null) throw new Refusal('not-found')
    const { failure } = await leases.revoke(permit, { id: key.lease_id, reason: permit.input.reason })
    if (failure !== null) throw stillThere(failure, key.lease_id)
    return toKey((await readKey(db, key.id)) ?? key)
  }

function stillThere(failure: unknown, leaseId: string): unknown {
  const also = `the revocation is written down and retried; see lease ${leaseId}`
  if (failure instanceof Refusal)
    return new Refusal(
      failure.code,
      { ...failure.details, hint: `${failure.details.hint ?? failure.message}; ${also}` },
      { cause: failure },
    )
  return hostRefusal(failure, also)
}
