import { invalidField, type Input, type Output } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { Directory, Handler } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { countToBeEnded, rereadLeases, selectToBeEnded, type BulkFilters } from './lease-bulk.queries.ts'
import type { LivingEmergencies } from './lease-deps.ts'
import type { HostsByReference } from './lease-handlers-deps.ts'
import type { EndsWish } from './lease-steps.ts'
import type { LeaseRow } from './lease.queries.ts'
import type { Leases } from './leases.ts'

/** What naming leases by what hangs on them needs. */
export interface FiltersDeps {
  readonly db: Store
  readonly directory: Pick<Directory<Store>, 'findWorkspaceId'>
  readonly hosts: HostsByReference
  readonly emergencies: Pick<LivingEmergencies, 'sessionOf'>
}

/** As a caller names them. */
export interface NamedFilters extends BulkFilters {
  /** A request for emergency access: what was issued in the session that it was activated as. */
  readonly approval?: string | undefined
}

/** What a caller named, by ids; null: one of the things is not there, so no lease fits. */
export async function filtersOf(
  deps: FiltersDeps,
  { workspace, host, session, approval, ...others }: NamedFilters,
): Promise<BulkFilters | null> {
  const { db, directory, hosts } = deps
  const [workspaceId, hostId, sessionId] = [
    workspace === undefined ? undefined : await directory.findWorkspaceId(db, workspace),
    host === undefined ? undefined : await hosts.findHostId(db, host),
    await sessionNamed(deps, { session, approval }),
  ]
  if (workspaceId === null || hostId === null || sessionId === null) return null
  return { ...others, workspace: workspaceId, host: hostId, session: sessionId }
}

/** By itself, by the request that was approved for it, or by both; undefined: by neither. Ids of both are UUIDs. */
async function sessionNamed(
  { db, emergencies }: FiltersDeps,
  { session, approval }: Pick<NamedFilters, 'session' | 'approval'>,
): Promise<string | null | undefined> {
  if (approval === undefined) return session === undefined || isUuid(session) ? session : null
  const approved = isUuid(approval) ? await emergencies.sessionOf(db, approval) : null
  return session === undefined || session === approved ? approved : null
}

interface RevokeManyDeps extends FiltersDeps {
  readonly change: Change
  readonly leases: Leases
  readonly shown: (row: LeaseRow) => Revocations['leases'][number]
}

type Revocations = Output<'lease.revokeMany'>

const none: Revocations = { matching: 0, revoked: 0, ending: 0, leases: [] }

/**
 * Revokes all leases that fit, in the workspaces where the caller may: one statement says so of all of them, and what
 * touches a backend or host is taken away by the sweeps. Or only says which they would be, decided and found alike.
 */
export const revokeMany =
  (deps: RevokeManyDeps): Handler<'lease.revokeMany'> =>
  async (permit) => {
    const { reason, dryRun, ...named } = permit.input
    refuseEverything(named)
    const filters = await filtersOf(deps, named)
    const reach = { scope: permit.scope, callerId: permit.principal.id }
    const work = (tx: Transaction): Promise<Revocations> => {
      if (filters === null) return Promise.resolve(none)
      return dryRun ? look(deps, tx, { reach, filters }) : end(deps, tx, { reach, filters, reason })
    }
    const answer = await deps.change(permit, work, ({ matching, revoked, ending }) => ({
      detail: dryRun ? { matching } : { revoked, ending },
    }))
    if (!dryRun) deps.leases.hurry()
    return answer
  }

type Wish = Omit<EndsWish, 'now'>

async function look({ shown }: RevokeManyDeps, tx: Transaction, which: Omit<Wish, 'reason'>): Promise<Revocations> {
  const matching = await countToBeEnded(tx, which)
  return { ...none, matching, leases: (await selectToBeEnded(tx, which)).map(shown) }
}

async function end({ leases, shown }: RevokeManyDeps, tx: Transaction, wish: Wish): Promise<Revocations> {
  const first = await selectToBeEnded(tx, wish)
  const { revoked, ending } = await leases.endMany(tx, wish)
  const ended = await rereadLeases(
    tx,
    first.map(({ id }) => id),
  )
  return { matching: revoked, revoked, ending, leases: ended.map(shown) }
}

/** Nobody ends everything by leaving something out. */
function refuseEverything(named: Omit<Input<'lease.revokeMany'>, 'reason' | 'dryRun'>): void {
  if (Object.values(named).some((value) => value !== undefined)) return
  throw invalidField(
    'principal',
    'whose leases, or those of which backend, role, prefix, host, session, approval or workspace',
  )
}
