import type { OperationName, Output } from '@gatehouse/contract'
import type { Handler, Permit } from '@gatehouse/enforcement'
import type { AppliedHost } from './apply-host.ts'
import { hostRefusal } from './host-refusal.ts'
import { decidedHost } from './issue-terms.ts'
import type { SshDeps } from './ssh-deps.ts'
import { listHostIds } from './ssh-host.queries.ts'
import { endingLeasesOnHost, hostsWithEndedKeys } from './ssh-key.queries.ts'

/** Hosts are visited side by side; each visit is an `ssh` process. */
const visitsParallelMax = 8

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
    await settle(
      deps,
      permit,
      applied === null ? [] : [{ hostId: host.id, applied }],
      failure === null ? [] : [host.id],
    )
    if (applied === null) throw hostRefusal(failure)
    return { host: host.name, kept: applied.kept, removed: applied.removed, restored: applied.restored }
  }

/**
 * Compares each host with its leases; for the worker's schedule. A host that does not answer is named and does not hold
 * up the others.
 */
export const reconcileSshHost =
  (deps: SshDeps): Handler<'sshHost.reconcile'> =>
  async (permit) => {
    const { host } = permit.input
    const { visited, failed } = await visitAll(deps, permit, host === undefined ? await listHostIds(deps.db) : [host])
    return { hosts: visited.length, removed: sum(visited, 'removed'), restored: sum(visited, 'restored'), failed }
  }

/** Visits only hosts that still carry a key whose end has come; for the worker after it was away. */
export const sweepSshKey =
  (deps: SshDeps): Handler<'sshKey.sweep'> =>
  async (permit) => {
    const { visited, failed } = await visitAll(deps, permit, await hostsWithEndedKeys(deps.db, deps.clock.now()))
    return { hosts: visited.length, failed } satisfies Output<'sshKey.sweep'>
  }

interface Visited {
  readonly hostId: string
  readonly applied: AppliedHost
}

async function visitAll<N extends OperationName>(
  deps: SshDeps,
  permit: Permit<N>,
  hostIds: readonly string[],
): Promise<{ visited: Visited[]; failed: string[] }> {
  await deps.change.intent(permit, () => Promise.resolve())
  const queue = hostIds.values()
  const visited: Visited[] = []
  const failed: string[] = []
  const runner = async (): Promise<void> => {
    for (const hostId of queue) {
      const { applied } = await visit(deps, hostId)
      if (applied === null) failed.push(hostId)
      else visited.push({ hostId, applied })
    }
  }
  await Promise.all(Array.from({ length: visitsParallelMax }, runner))
  await settle(deps, permit, visited, failed)
  return { visited, failed }
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
  visited: readonly Visited[],
  failed: readonly string[],
): Promise<void> {
  const gone: string[] = []
  for (const { hostId, applied } of visited) {
    const ending = await endingLeasesOnHost(deps.db, hostId, deps.clock.now())
    gone.push(...ending.filter(({ keyId }) => !applied.present.has(keyId)).map(({ leaseId }) => leaseId))
  }
  const note = {
    detail: {
      hosts: visited.length,
      removed: sum(visited, 'removed'),
      restored: sum(visited, 'restored'),
      ended: gone,
      failed,
    },
  }
  await deps.change(
    permit,
    (tx) => deps.leases.settleGone(tx, gone),
    () => note,
  )
}

const sum = (visited: readonly Visited[], field: 'removed' | 'restored'): number =>
  visited.reduce((total, { applied }) => total + applied[field], 0)
