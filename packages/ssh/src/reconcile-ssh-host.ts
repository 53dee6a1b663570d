import type { OperationName, Output } from '@gatehouse/contract'
import type { Handler, Permit } from '@gatehouse/enforcement'
import type { AppliedHost } from './apply-host.ts'
import { roundBudget } from './budgets.ts'
import { hostRefusal } from './host-refusal.ts'
import { decidedHost } from './issue-terms.ts'
import type { SshDeps } from './ssh-deps.ts'
import { listHostIds, noteCompared } from './ssh-host.queries.ts'
import { endingLeasesOnHosts, hostsWithEndedKeys } from './ssh-key.queries.ts'
import { visitRound, type Round } from './visit-round.ts'

/** Compares one host with its leases, in both directions, and mends; for a person. */
export const cleanupSshKey =
  (deps: SshDeps): Handler<'sshKey.cleanup'> =>
  async (permit) => {
    const host = await decidedHost(deps.db, permit)
    await deps.change.intent(
      permit,
      () => Promise.resolve(),
      () => ({ workspace: host.workspace_id }),
    )
    const { applied, failure } = await visit(deps, host.id)
    await settle(deps, permit, {
      visited: applied === null ? [] : [{ hostId: host.id, result: applied }],
      failed: applied === null ? [host.id] : [],
      left: [],
    })
    if (applied === null) throw hostRefusal(failure)
    return { host: host.name, kept: applied.kept, removed: applied.removed, restored: applied.restored }
  }

/**
 * Compares each host with its leases; for the worker's schedule. A host that does not answer is named and does not hold
 * up the others; those that were not reached in time are first in the next round.
 */
export const reconcileSshHost =
  (deps: SshDeps): Handler<'sshHost.reconcile'> =>
  async (permit) => {
    const { host } = permit.input
    const round = await visitAll(deps, permit, host === undefined ? await listHostIds(deps.db) : [host])
    return { ...factsOf(round), failed: [...round.failed] }
  }

/** Visits only hosts that still carry a key whose end has come; for the worker after it was away. */
export const sweepSshKey =
  (deps: SshDeps): Handler<'sshKey.sweep'> =>
  async (permit) => {
    const round = await visitAll(deps, permit, await hostsWithEndedKeys(deps.db, deps.clock.now()))
    const { hosts, left } = factsOf(round)
    return { hosts, left, failed: [...round.failed] } satisfies Output<'sshKey.sweep'>
  }

async function visitAll<N extends OperationName>(
  deps: SshDeps,
  permit: Permit<N>,
  hostIds: readonly string[],
): Promise<Round<AppliedHost>> {
  await deps.change.intent(permit, () => Promise.resolve())
  const round = await visitRound(hostIds, roundBudget, (hostId) => deps.hosts.apply(hostId))
  await settle(deps, permit, round)
  return round
}

async function visit(
  { hosts }: SshDeps,
  hostId: string,
): Promise<{ applied: AppliedHost; failure: null } | { applied: null; failure: unknown }> {
  try {
    return { applied: await hosts.apply(hostId), failure: null }
  } catch (failure) {
    return { applied: null, failure }
  }
}

/** A lease that was only waiting for its line to go has ended: the visit saw the host without it. */
async function settle<N extends OperationName>(
  deps: SshDeps,
  permit: Permit<N>,
  round: Round<AppliedHost>,
): Promise<void> {
  const present = new Map(round.visited.map(({ hostId, result }) => [hostId, result.present]))
  const ending = await endingLeasesOnHosts(deps.db, [...present.keys()], deps.clock.now())
  const gone = ending
    .filter(({ hostId, keyId }) => present.get(hostId)?.has(keyId) === false)
    .map(({ leaseId }) => leaseId)
  const note = { detail: { ...factsOf(round), ended: gone, failed: [...round.failed] } }
  await deps.change(
    permit,
    async (tx) => {
      await noteCompared(tx, [...present.keys(), ...round.failed], deps.clock.now())
      await deps.leases.settleGone(tx, gone)
    },
    () => note,
  )
}

const factsOf = ({ visited, left }: Round<AppliedHost>) => ({
  hosts: visited.length,
  removed: sum(visited, 'removed'),
  restored: sum(visited, 'restored'),
  left: left.length,
})

const sum = (visited: Round<AppliedHost>['visited'], field: 'removed' | 'restored'): number =>
  visited.reduce((total, { result }) => total + result[field], 0)
