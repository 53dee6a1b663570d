import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { holdCarryingLease } from '@gatehouse/secrets'
import { hostRefusal } from './host-refusal.ts'
import { requireKeySeen } from './issue-terms.ts'
import type { SshDeps } from './ssh-deps.ts'
import { readHost } from './ssh-host.queries.ts'
import { keyDeployed, readKey, wantKey, withdrawKey, type SshKeyRow } from './ssh-key.queries.ts'
import { toKey } from './ssh-view.ts'

/**
 * Puts a key on its host. That its line may be there is written down before the host is touched, so whatever happens
 * then, the
 * end of the lease takes it off. A deployment that fails is withdrawn; it may be asked for again.
 */
export const deploySshKey =
  ({ db, change, clock, hosts }: SshDeps): Handler<'sshKey.deploy'> =>
  async (permit) => {
    const generated = await readKey(db, permit.input.id)
    const host = generated === null ? null : await readHost(db, generated.host_id)
    if (host === null) throw new Refusal('not-found')
    await requireKeySeen(hosts, host)
    const key = await change.intent(
      permit,
      async (tx) => {
        const row = await readKey(tx, permit.input.id)
        if (row === null) throw new Refusal('not-found')
        if (!(await holdCarryingLease(tx, row.lease_id, clock.now()))) throw new Refusal('lease-ended')
        await wantKey(tx, row.id)
        return row
      },
      noteOf,
    )
    const failure = await hosts.apply(key.host_id).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    if (failure !== null) {
      await change(
        permit,
        (tx) => withdrawKey(tx, key.id),
        () => ({ ...noteOf(key), detail: { ...noteOf(key).detail, deployed: false } }),
      )
      throw hostRefusal(failure.error, 'the key was not deployed; try again')
    }
    const deployed = await change(
      permit,
      (tx) => keyDeployed(tx, key.id, clock.now()),
      (row) => ({ ...noteOf(key), detail: { ...noteOf(key).detail, deployed: row !== null } }),
    )
    if (deployed === null)
      throw new Refusal('lease-ended', { hint: 'the lease was ended while the key was being deployed' })
    return toKey((await readKey(db, deployed.id)) ?? deployed)
  }

const noteOf = (key: SshKeyRow) => ({ workspace: key.workspace_id, detail: { lease: key.lease_id, host: key.host_id } })
