import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { decidedHost } from './issue-terms.ts'
import { requireUnlockedHost } from './locked-credential.ts'
import type { SshDeps } from './ssh-deps.ts'
import { releaseHostKeys } from './ssh-host-key.queries.ts'
import { updateHost } from './ssh-host.queries.ts'
import { forgetKeysOnHost, keysStillOnHost, selectLivingLeasesOnHost } from './ssh-key.queries.ts'
import { named, requireLiving } from './update-ssh-host.ts'

/**
 * Removes a host. Certificates for it, and keys that were never put there, are ended with it. A key that may still be
 * on the machine is refused, for nobody would take it off any more; unless an Admin says that the machine is gone. A
 * locked host stays: whoever registered the machine anew would have it without its lock.
 */
export const removeSshHost =
  (deps: SshDeps): Handler<'sshHost.remove'> =>
  async (permit) => {
    const { reason, machineGone } = permit.input
    const decided = await decidedHost(deps.db, permit)
    const ended = await deps.change(
      permit,
      async (tx) => {
        const host = await requireLiving(tx, decided.id)
        const onHost = await keysStillOnHost(tx, host.id)
        if (onHost.length > 0 && !machineGone)
          throw new Refusal('conflict', {
            hint:
              'keys may still be on this host; revoke them first, or say that the machine is gone: ' + named(onHost),
          })
        const leases = await selectLivingLeasesOnHost(tx, host.id)
        await deps.leases.endGone(tx, { ids: leases, reason })
        await forgetKeysOnHost(tx, host.id)
        await releaseHostKeys(tx, { hostId: host.id, keep: [] })
        await updateHost(tx, host.id, { removed_at: deps.clock.now() })
        await requireUnlockedHost(deps, tx, host.id)
        return leases
      },
      (leases) => ({ workspace: decided.workspace_id, detail: { host: decided.name, ended: leases, machineGone } }),
    )
    return { id: decided.id, name: decided.name, endedLeases: ended.length }
  }
