import { invalidField, pageOf, Refusal, systemId, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler, type HandlersOf, type Permit, type UserPrincipal } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { holdAdmins } from '../../directory/standing.queries.ts'
import { keepingAnAdmin } from '../user/shut-out.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { ended } from '../../shared/ended.ts'
import { callingUser, uuidCursor } from '../../shared/identifiers.ts'
import {
  countLocks,
  holdOff,
  insertLock,
  isPersonLocked,
  removeLock,
  selectLock,
  selectLocks,
  type LockRow,
} from '../../directory/lock.queries.ts'
import { subjectOf, type Subject } from './lockables.ts'

/** Each is looked at by people, one by one; more than this stand because nobody removes them. */
const locksMax = 1_000

/** Locks: what is denied at once, apart from all that policies say. */
export const lockHandlers = (deps: HandlerDeps): HandlersOf<'lock'> => ({
  'lock.create': create(deps),
  'lock.remove': remove(deps),
  'lock.list': list(deps),
})

const create =
  (deps: HandlerDeps): Handler<'lock.create'> =>
  async (permit) => {
    const { reason, ttlSeconds = null } = permit.input
    const user = callingUser(permit)
    const subject = await subjectOf(deps, permit.input)
    refuseOneself(user, subject)
    const id = deps.random.id()
    const made = await deps.change(
      permit,
      async (tx) => {
        await makeRoom(tx, user)
        await keepingAdministrators(tx, deps, {
          permit,
          work: async () => {
            await holdOff(tx, subject)
            await insertLock(tx, { ...subject, id, reason, createdBy: user.id, ttlSeconds })
          },
        })
        return requireLock(tx, id)
      },
      (row) => ({ ...noteOf(row), detail: { ...noteOf(row).detail, until: row.expires_at?.toISOString() ?? null } }),
    )
    return shown(made)
  }

/** Whoever locks themselves out could not remove it. */
function refuseOneself(user: UserPrincipal, { kind, target }: Subject): void {
  if (kind === 'principal' && target === user.id) throw invalidField('principal', 'somebody else than yourself')
  if (kind === 'role' && user.roles.some((role) => role === target))
    throw invalidField('role', 'a role that you do not have yourself: you would be locked with it')
}

/** One lock is made at a time. Who was locked while they called locks nobody any more. */
async function makeRoom(tx: Transaction, user: UserPrincipal): Promise<void> {
  await holdAdmins(tx)
  if (await isPersonLocked(tx, user.id)) throw ended('user-locked')
  if ((await countLocks(tx)) >= locksMax)
    throw new Refusal('conflict', { hint: `${locksMax} locks hold already; remove what is over (gatehouse lock list)` })
}

/** Refuses what would leave nobody to administer people or, by the policies in force, to change policies. */
async function keepingAdministrators(
  tx: Transaction,
  { administrators }: HandlerDeps,
  { permit, work }: { readonly permit: Permit<'lock.create'>; readonly work: () => Promise<void> },
): Promise<void> {
  const { address } = permit.call
  const before = await administrators.left(tx, address)
  await keepingAnAdmin(tx, work)
  if (!before || (await administrators.left(tx, address))) return
  throw new Refusal('conflict', {
    hint: 'with this lock nobody could publish policies any more; give somebody else that right first',
  })
}

const remove =
  ({ change }: HandlerDeps): Handler<'lock.remove'> =>
  async (permit) => {
    const { id, reason } = permit.input
    const user = callingUser(permit)
    const row = await change(
      permit,
      async (tx) => {
        if (await isPersonLocked(tx, user.id)) throw ended('user-locked')
        const lock = isUuid(id) ? await requireLock(tx, id) : null
        if (lock === null) throw new Refusal('not-found')
        // INVARIANT, whatever the policies say: nobody lets themselves in again
        if (lock.owner_id === user.id || user.roles.some((role) => lock.kind === 'role' && role === lock.target))
          throw new Refusal('forbidden', { hint: 'the lock is on yourself; another administrator removes it' })
        if (!(await removeLock(tx, { id, by: user.id, reason })))
          throw new Refusal('conflict', { hint: lock.removed_at === null ? 'it has ended' : 'it was removed already' })
        return requireLock(tx, id)
      },
      noteOf,
    )
    return shown(row)
  }

/** The entry is found by what was locked, where that is a thing of its own. */
const noteOf = (row: LockRow) => ({ resource: resourceOf(row), detail: { lock: row.id, kind: row.kind } })

function resourceOf({ kind, target, owner_id }: LockRow) {
  if (kind === 'principal') return uid(owner_id === null ? 'ServiceAccount' : 'User', target)
  return kind === 'host' ? uid('SshHost', target) : uid('System', systemId)
}

async function requireLock(tx: Transaction, id: string): Promise<LockRow> {
  const row = await selectLock(tx, id)
  if (row === null) throw new Refusal('not-found')
  return row
}

const list =
  ({ db }: HandlerDeps): Handler<'lock.list'> =>
  async ({ input: { first, after, ...filters } }) => {
    const rows = await selectLocks(db, {
      id: undefined,
      kind: undefined,
      ...filters,
      after: uuidCursor(after),
      limit: first + 1,
    })
    return pageOf(rows.map(shown), first, ({ createdAt, id }) => [createdAt, id])
  }

const shown = (row: LockRow): Output<'lock.create'> => ({
  id: row.id,
  kind: row.kind,
  target: row.target,
  name: row.name,
  reason: row.reason,
  createdAt: row.created_at,
  createdBy: row.created_by,
  createdByName: row.created_by_name,
  expiresAt: row.expires_at,
  removedAt: row.removed_at,
  removedByName: row.removed_by_name,
  removeReason: row.remove_reason,
  holds: row.holds,
})
