import { invalidField, Refusal, type Input, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { uid, type Clock, type Directory, type Handler, type HandlersOf, type Random } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { requirePerson } from '../anonymize.ts'
import type { Change } from '../change.ts'
import { isErased, selectNamesOf } from '../erasure.queries.ts'
import type { KeepOutside } from '../outside-ledgers.ts'
import type { SubjectKeys } from '../subject-keys.ts'
import { parsePeriod } from '../when.ts'
import { findHold, holdsMax, insertHold, releaseHold, type HoldRow } from './hold.queries.ts'
import { findRetention, prunedBeforeOf } from './retention.queries.ts'

export interface HoldDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly change: Change
  readonly subjectKeys: Pick<SubjectKeys, 'lookupOf'>
  readonly directory: Pick<Directory<Store>, 'findUserId' | 'findWorkspaceId'>
  readonly outside: Pick<KeepOutside, 'held'>
}

/** Legal holds: placed by one Admin, released by another. */
export const holdHandlers = (deps: HoldDeps): Pick<HandlersOf<'audit'>, 'audit.holdPlace' | 'audit.holdRelease'> => ({
  'audit.holdPlace': place(deps),
  'audit.holdRelease': release(deps),
})

/** A hold as it is told. */
export const presentHold = (row: HoldRow, prunedBefore: Date | null): Output<'audit.holdPlace'> => ({
  id: row.id,
  reason: row.reason,
  workspace: row.workspace,
  user: row.principal_id,
  requestId: row.request_id,
  from: row.from_at === null ? null : new Date(row.from_at),
  to: row.to_at === null ? null : new Date(row.to_at),
  placedBy: row.placed_by,
  placedAt: row.placed_at,
  releasedAt: row.released_at,
  prunedBefore,
})

const place =
  (deps: HoldDeps): Handler<'audit.holdPlace'> =>
  async (permit) => {
    const held = await whatIsHeld(deps, permit.input)
    const row: HoldRow = {
      ...held,
      id: deps.random.id(),
      reason: permit.input.reason,
      placed_by: permit.principal.id,
      placed_at: deps.clock.now(),
      released_at: null,
    }
    const names = await namesOf(deps, permit.input.user, row.principal_id)
    // what was removed until then is read behind the lock: this hold came too late for it, and for nothing else
    const prunedBefore = await deps.change(
      permit,
      async (tx) => {
        if (!(await insertHold(tx, row, names)))
          throw new Refusal('conflict', { hint: `there are ${holdsMax} holds already; release one` })
        // behind the lock: who was erased since they were looked up is nobody any more
        if (row.principal_id !== null && (await isErased(tx, row.principal_id))) throw new Refusal('not-found')
        return prunedBeforeOf(await findRetention(tx))
      },
      () => ({
        detail: { hold: row.id },
        ...(row.principal_id === null ? {} : { resource: uid('User', row.principal_id) }),
      }),
    )
    await deps.outside.held(row.id)
    return presentHold(row, prunedBefore)
  }

type Held = Pick<HoldRow, 'workspace' | 'principal_id' | 'request_id' | 'from_at' | 'to_at'>

/** A name that is nobody's must not become a hold on everything, nor one on nothing. */
async function whatIsHeld({ db, clock, directory }: HoldDeps, input: Input<'audit.holdPlace'>): Promise<Held> {
  const { user, workspace, requestId, everything } = input
  const { from, to } = parsePeriod(input, clock.now())
  const names = [user, workspace, requestId, input.from, input.to].some((filter) => filter !== undefined)
  if (names === everything)
    throw invalidField('everything', 'true for the whole audit log, or one of user, workspace, requestId, from and to')
  const workspaceId = workspace === undefined ? null : await directory.findWorkspaceId(db, workspace)
  if (workspace !== undefined && workspaceId === null) throw invalidField('workspace', 'a workspace that is there')
  return {
    workspace: workspaceId,
    principal_id: user === undefined ? null : await requirePerson({ db, directory }, user),
    request_id: requestId ?? null,
    from_at: from?.toISOString() ?? null,
    to_at: to?.toISOString() ?? null,
  }
}

async function namesOf(
  { db, subjectKeys }: HoldDeps,
  written: string | undefined,
  id: string | null,
): Promise<readonly Buffer[]> {
  if (written === undefined || id === null) return []
  const known = await selectNamesOf(db, id)
  return isUuid(written) ? known : [...known, subjectKeys.lookupOf(written)]
}

const release =
  ({ change, clock, outside }: HoldDeps): Handler<'audit.holdRelease'> =>
  async (permit) => {
    const { id } = permit.input
    if (!isUuid(id)) throw new Refusal('not-found')
    const by = permit.principal.id
    const { row, prunedBefore } = await change(
      permit,
      async (tx) => {
        const released = await releaseHold(tx, { id, by, now: clock.now() })
        if (released === null && (await findHold(tx, id)) !== null)
          throw new Refusal('conflict', { hint: 'you placed this hold; another Admin has to release it' })
        if (released === null) throw new Refusal('not-found')
        return { row: released, prunedBefore: prunedBeforeOf(await findRetention(tx)) }
      },
      ({ row }) => ({
        detail: { hold: id },
        ...(row.principal_id === null ? {} : { resource: uid('User', row.principal_id) }),
      }),
    )
    await outside.held(id)
    return presentHold(row, prunedBefore)
  }
