import { lockedRefusal, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { holdCarryingLease } from '@gatehouse/secrets'
import { hostRefusal } from './host-refusal.ts'
import { refuseTakenAway, requireHost, requireKeySeen } from './issue-terms.ts'
import { lockOverCredential } from './locked-credential.ts'
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
  (deps: SshDeps): Handler<'sshKey.deploy'> =>
  async (permit) => {
    const { db, change, clock, hosts } = deps
    const generated = await readKey(db, permit.input.id)
    const host = generated === null ? null : await readHost(db, generated.host_id)
    if (host === null) throw new Refusal('not-found')
    await requireKeySeen(hosts, host)
    const key = await change.intent(permit, (tx) => wanted(deps, tx, permit.input.id), noteOf)
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

/** The key, if it may be put on its host, which is written down. */
async function wanted(deps: SshDeps, tx: Transaction, id: string): Promise<SshKeyRow> {
  const row = await readKey(tx, id)
  if (row === null) throw new Refusal('not-found')
  // the key may have been made long before
  const host = requireHost(await readHost(tx, row.host_id))
  refuseTakenAway(host, { login: row.user_name, sourceAddresses: row.source_addresses })
  const lease = await holdCarryingLease(tx, row.lease_id, deps.clock.now())
  if (lease === null) throw new Refusal('lease-ended')
  const { fingerprint, host_id: hostId } = row
  const given = { role: lease.role, holderId: lease.principal_id, hostId, fingerprint }
  await wantKey(tx, row.id)
  const kind = await lockOverCredential(deps, tx, given)
  if (kind !== null) throw lockedRefusal(kind)
  return row
}

const noteOf = (key: SshKeyRow) => ({ workspace: key.workspace_id, detail: { lease: key.lease_id, host: key.host_id } })
