import { invalidField, leaseSecondsDefault, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, Permit } from '@gatehouse/enforcement'
import { BackendError } from './backends/backend-error.ts'
import type { LeaseRow } from './lease.queries.ts'
import { leaseEnd, leaseRevocation, secondsAfter } from './lease-terms.ts'
import { toLease } from './lease-view.ts'
import { backendRefusal, reachBackend } from './reach-backend.ts'
import type { LeaseRef } from './secret-backend.ts'
import { handleOf, insertCredential, keepHandle, readBackend, type StandingBackend } from './secret-backend.queries.ts'
import type { SecretDeps } from './secret-deps.ts'
import type { CredentialRef, Material } from './secret-provider.ts'
import { decidedRole } from './secret-role-handlers.ts'
import { countLeasesOf, holdQuota, type SecretRoleRow } from './secret-role.queries.ts'

/**
 * Makes a credential under a lease. The lease is written before the backend is asked, so that what a call that dies
 * leaves there is found and taken away; the credential is in this answer and nowhere else.
 */
export const issueLease =
  (deps: SecretDeps): Handler<'lease.issue'> =>
  async (permit) => {
    const { db, change, clock, random, leases, providers, web } = deps
    const { purpose, workspace, ttlSeconds } = permit.input
    const role = await decidedRole(deps, permit)
    refuseOtherWorkspace(role, workspace, await deps.directory.findWorkspaceId(db, workspace))
    const backend = await readBackend(db, role.backend_id)
    if (backend === null) throw new Refusal('not-found')
    const { limits } = providers[role.kind]
    const ttlSecondsMax = Math.min(role.ttl_seconds_max, limits.ttlSecondsMax)
    const now = clock.now()
    const terms = {
      id: random.id(),
      backend: role.kind,
      role: role.name,
      hostId: null,
      workspace: role.workspace_id,
      purpose,
      principal: permit.principal,
      expiresAt: leaseEnd({
        ttlSeconds: ttlSeconds ?? Math.min(leaseSecondsDefault, ttlSecondsMax),
        limits: { ...limits, ttlSecondsMax },
        principal: permit.principal,
        now,
      }),
      renewableUntil: limits.renewable ? secondsAfter(now, ttlSecondsMax) : null,
    } as const
    const dies = leaseRevocation(limits, { issued_at: now, expires_at: terms.expiresAt })
    const note = () => ({
      workspace: role.workspace_id,
      detail: { lease: terms.id, kind: role.kind, backend: backend.name, ...dies },
    })
    await change.intent(
      permit,
      async (tx) => {
        await refuseBeyondQuota(tx, role, permit.principal.id)
        await leases.insertPending(tx, terms)
        await insertCredential(tx, { leaseId: terms.id, backendId: backend.id, roleId: role.id })
      },
      note,
    )
    const issuing = { permit, backend, lease: terms, note }
    const material = await made(deps, issuing, role)
    const row = await activated(deps, issuing)
    return { lease: toLease(row, { web, limits }), material }
  }

/** A lease is in its role's workspace: that is where it was decided. `default`, the input's default, stands for it. */
function refuseOtherWorkspace(role: SecretRoleRow, given: string, found: string | null): void {
  if (given === 'default' || found === role.workspace_id) return
  throw invalidField('workspace', 'the workspace of the role, or nothing')
}

async function refuseBeyondQuota(tx: Transaction, role: SecretRoleRow, holderId: string): Promise<void> {
  const { leases_max: max, leases_each_max: eachMax } = role
  if (max === null && eachMax === null) return
  await holdQuota(tx, role.id)
  const { all, own } = await countLeasesOf(tx, { roleId: role.id, holderId })
  if (max !== null && all >= max)
    throw new Refusal('lease-limit-reached', { hint: `the role gives ${max} at once; revoke one (lease list)` })
  if (eachMax !== null && own >= eachMax)
    throw new Refusal('lease-limit-reached', {
      hint: `the role gives ${eachMax} at once to each; revoke one of yours (lease list)`,
    })
}

interface Issuing {
  readonly permit: Permit<'lease.issue'>
  readonly backend: StandingBackend
  readonly lease: LeaseRef
  readonly note: () => { readonly workspace: string; readonly detail: Readonly<Record<string, unknown>> }
}

async function made(deps: SecretDeps, issuing: Issuing, role: SecretRoleRow): Promise<Material> {
  const { backend, lease } = issuing
  try {
    const material = await reachBackend(deps, backend, async (provider, target) => {
      const keep = (handle: unknown): Promise<void> => kept(deps, lease, handle)
      return provider.issue(target, { ...(await credentialOf(deps, issuing)), keep }, role.form)
    })
    return material.expose()
  } catch (error) {
    if (hasAnswered(error)) await queueEnd(deps, issuing)
    throw backendRefusal(error)
  }
}

const credentialOf = async ({ db }: SecretDeps, { backend, lease }: Issuing): Promise<CredentialRef<unknown>> => ({
  lease,
  backendId: backend.id,
  handle: await handleOf(db, lease.id),
})

async function kept({ db }: SecretDeps, lease: LeaseRef, handle: unknown): Promise<void> {
  if (!(await keepHandle(db, lease.id, handle)))
    throw new Refusal('lease-ended', { hint: 'it was ended before the credential was ready; ask for another' })
}

/** Who did not answer may still make the credential: that lease is revoked by the sweep after its deadline. */
const hasAnswered = (error: unknown): boolean => error instanceof BackendError && error.problem !== 'unreachable'

/** Else it would take a place of the role's until its deadline, and the next try would be refused for it. */
async function queueEnd({ change, leases }: SecretDeps, { permit, lease, note }: Issuing): Promise<void> {
  const { workspace, detail } = note()
  await change(
    permit,
    (tx) => leases.queueEnd(tx, { id: lease.id, reason: 'issuing did not finish' }),
    () => ({ workspace, detail: { ...detail, issued: false } }),
  )
  leases.hurry()
}

/** A lease that was ended while its credential was being made leaves nothing there, and nobody gets it. */
async function activated(deps: SecretDeps, issuing: Issuing): Promise<LeaseRow> {
  const { permit, backend, lease, note } = issuing
  try {
    return await deps.change(permit, (tx) => deps.leases.activate(tx, lease.id), note)
  } catch (error) {
    const credential = await credentialOf(deps, issuing)
    // what this does not take away is found by the next comparison
    await reachBackend(deps, backend, (provider, target) => provider.revoke(target, credential)).catch(() => undefined)
    throw error
  }
}
