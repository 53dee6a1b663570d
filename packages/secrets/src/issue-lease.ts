import { invalidField, leaseSecondsDefault, Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, Permit } from '@gatehouse/enforcement'
import { hasAnswered } from './backends/backend-error.ts'
import type { LeaseRow } from './lease.queries.ts'
import { earliest, leaseEnd, leaseRevocation, secondsAfter } from './lease-terms.ts'
import { toLease } from './lease-view.ts'
import { backendRefusal, reachBackend } from './reach-backend.ts'
import { createWrapToken, sealMaterial } from './lease-wrap.ts'
import { insertWrap } from './lease-wrap.queries.ts'
import type { LeaseTerms } from './leases.ts'
import { noMaterial } from './material.ts'
import { handleOf, insertCredential, keepHandle, readBackend, type StandingBackend } from './secret-backend.queries.ts'
import type { SecretDeps } from './secret-deps.ts'
import type { CredentialRef, Material } from './secret-provider.ts'
import { decidedRole } from './secret-role-handlers.ts'
import { countLeasesOf, holdQuota, readRole, type SecretRoleRow } from './secret-role.queries.ts'

/**
 * Makes a credential under a lease. The lease is written before the backend is asked, so that what a call that dies
 * leaves there is found and taken away. The credential is in this answer and nowhere else, unless it is to be wrapped:
 * then it is kept, sealed, for whoever brings the token that is in this answer and nowhere else.
 */
export const issueLease =
  (deps: SecretDeps): Handler<'lease.issue'> =>
  async (permit) => {
    const { db, change, leases, providers, web } = deps
    const role = await decidedRole(deps, permit)
    const { workspace } = permit.input
    refuseOtherWorkspace(role, workspace, await deps.directory.findWorkspaceId(db, workspace))
    const backend = await readBackend(db, role.backend_id)
    if (backend === null) throw new Refusal('not-found')
    const issuing = issuingOf(deps, permit, { role, backend })
    const { lease } = issuing
    await change.intent(
      permit,
      async (tx) => {
        await refuseBeyondQuota(tx, role, permit.principal.id)
        await leases.insertPending(tx, lease)
        await insertCredential(tx, { leaseId: lease.id, backendId: backend.id, roleId: role.id })
      },
      issuing.note,
    )
    const material = await made(deps, issuing, role)
    const { row, wrap } = await activated(deps, { ...issuing, role, material })
    const shown = wrap === null ? material : { ...noMaterial, kind: material.kind }
    return { lease: toLease(row, { web, limits: providers[role.kind].limits }), material: shown, wrap }
  }

/** Refuses what does not fit the role. */
function issuingOf(
  { clock, random, providers }: SecretDeps,
  permit: Permit<'lease.issue'>,
  { role, backend }: { readonly role: SecretRoleRow; readonly backend: StandingBackend },
): Issuing {
  const { limits } = providers[role.kind]
  const ttlSecondsMax = Math.min(role.ttl_seconds_max, limits.ttlSecondsMax)
  const { purpose, ttlSeconds = Math.min(leaseSecondsDefault, ttlSecondsMax), wrapSeconds = null } = permit.input
  const [{ principal }, now] = [permit, clock.now()]
  const expiresAt = leaseEnd({ ttlSeconds, limits: { ...limits, ttlSecondsMax }, principal, now })
  if (wrapSeconds !== null && wrapSeconds > ttlSeconds)
    throw invalidField('wrapSeconds', `at most ${ttlSeconds} seconds: so long the lease lives`)
  const lease = {
    id: random.id(),
    backend: role.kind,
    role: role.name,
    hostId: null,
    workspace: role.workspace_id,
    purpose,
    principal,
    expiresAt,
    renewableUntil: limits.renewable ? secondsAfter(now, ttlSecondsMax) : null,
  } as const
  const dies = leaseRevocation(limits, { issued_at: now, expires_at: expiresAt })
  const detail = { lease: lease.id, kind: role.kind, backend: backend.name, ...dies }
  return { permit, backend, lease, wrapSeconds, note: () => ({ workspace: role.workspace_id, detail }) }
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
  readonly lease: LeaseTerms
  /** How long its credential waits for somebody to open it; null: it is in the answer. */
  readonly wrapSeconds: number | null
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
    // who did not answer may still make the credential: that lease is revoked by the sweep after its deadline
    if (hasAnswered(error)) await queueEnd(deps, issuing)
    throw backendRefusal(error)
  }
}

const credentialOf = async ({ db }: SecretDeps, { backend, lease }: Issuing): Promise<CredentialRef<unknown>> => ({
  lease,
  backendId: backend.id,
  handle: await handleOf(db, lease.id),
})

async function kept({ db }: SecretDeps, lease: Pick<LeaseTerms, 'id'>, handle: unknown): Promise<void> {
  if (!(await keepHandle(db, lease.id, handle)))
    throw new Refusal('lease-ended', { hint: 'it was ended before the credential was ready; ask for another' })
}

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

/** What a lease has come to, and what opens its credential; null: it is not wrapped. */
interface Activated {
  readonly row: LeaseRow
  readonly wrap: Output<'lease.issue'>['wrap']
}

/** A credential that was made, of the role as it stood when it was asked for. */
interface Made extends Issuing {
  readonly role: SecretRoleRow
  readonly material: Material
}

/** A lease that was ended while its credential was being made leaves nothing there, and nobody gets it. */
async function activated(deps: SecretDeps, made: Made): Promise<Activated> {
  const { permit, backend, note } = made
  try {
    return await deps.change(permit, (tx) => handedOut(deps, tx, made), note)
  } catch (error) {
    const credential = await credentialOf(deps, made)
    // what this does not take away is found by the next comparison
    await reachBackend(deps, backend, (provider, target) => provider.revoke(target, credential)).catch(() => undefined)
    throw error
  }
}

async function handedOut(deps: SecretDeps, tx: Transaction, { role, wrapSeconds, ...made }: Made): Promise<Activated> {
  // whoever has changed the role was told that from then on it gives something else
  if ((await readRole(tx, role.id))?.version !== role.version) throw changedMeanwhile()
  if (wrapSeconds !== null) return wrapped(deps, tx, { ...made, wrapSeconds })
  return { row: await deps.leases.activate(tx, made.lease), wrap: null }
}

const changedMeanwhile = (): Refusal =>
  new Refusal('lease-ended', { hint: 'its role was changed before the credential was ready; ask for another' })

async function wrapped(
  { clock, random, sealer, leases }: SecretDeps,
  tx: Transaction,
  {
    lease,
    wrapSeconds,
    material,
  }: Pick<Issuing, 'lease'> & { readonly wrapSeconds: number; readonly material: Material },
): Promise<Activated> {
  const until = earliest(secondsAfter(clock.now(), wrapSeconds), lease.expiresAt)
  const row = await leases.activateWrapped(tx, lease, until)
  const { token, hash } = createWrapToken(random, lease.id)
  const sealed = sealMaterial(sealer, { leaseId: lease.id, hash }, material)
  await insertWrap(tx, { lease_id: lease.id, token_hash: hash, sealed, expires_at: until })
  return { row, wrap: { token, expiresAt: until } }
}
