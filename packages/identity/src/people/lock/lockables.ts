import { invalidField, roles, type Input } from '@gatehouse/contract'
import { lockedRole } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { selectApproval } from '../../approvals/approval.queries.ts'
import { directory } from '../../directory/directory.queries.ts'
import { selectUser } from '../../directory/user.queries.ts'
import { findAccount } from '../../programs/service-account/service-account.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import type { NewLock } from '../../directory/lock.queries.ts'

/** What is to be locked, by what locks know it, and whose it is. */
export type Subject = Pick<NewLock, 'kind' | 'target' | 'name' | 'ownerId'>

type Deps = Pick<HandlerDeps, 'db' | 'clock' | 'lockables'>

const kinds = ['principal', 'role', 'host', 'key', 'approval'] as const

/**
 * The one thing that was named. Refuses what is not there: a lock on a misspelt name denies nothing, and nobody would
 * notice.
 */
export async function subjectOf(deps: Deps, input: Input<'lock.create'>): Promise<Subject> {
  const [kind, another] = kinds.filter((one) => input[one] !== undefined)
  const text = kind === undefined ? undefined : input[kind]
  if (kind === undefined || text === undefined || another !== undefined)
    throw invalidField(another ?? 'principal', `exactly one of ${kinds.join(', ')}`)
  return find[kind](deps, text)
}

const find: Readonly<Record<(typeof kinds)[number], (deps: Deps, text: string) => Promise<Subject>>> = {
  principal: findPrincipal,
  role: findRole,
  host: async ({ db, lockables }, text) => {
    const host = await lockables.host(db, text)
    if (host === null) throw invalidField('host', 'a host that is registered')
    return { kind: 'host', target: host.id, name: host.name, ownerId: null }
  },
  // also before anybody has seen it: one that was stolen may come yet
  key: (_, text) => Promise.resolve({ kind: 'key', target: text, name: text, ownerId: null }),
  approval: async (deps, text) => {
    const found = isUuid(text)
      ? ((await findApproval(deps, text)) ?? (await deps.lockables.emergency(deps.db, text)))
      : null
    if (found === null)
      throw invalidField('approval', 'the id of an approval, of a request for emergency access or of its session')
    return { kind: 'approval', target: found.id, name: found.name, ownerId: found.ownerId }
  },
}

async function findPrincipal({ db }: Deps, text: string): Promise<Subject> {
  const userId = await directory.findUserId(db, text)
  const [person, account] = [userId === null ? null : await selectUser(db, userId), await findAccount(db, text)]
  if (person !== null && account !== null)
    throw invalidField(
      'principal',
      `an id: a person (${person.id}) and a service account (${account.id}) are called so`,
    )
  if (person !== null) return { kind: 'principal', target: person.id, name: person.username, ownerId: person.id }
  if (account === null) throw invalidField('principal', 'a person or service account that exists')
  return { kind: 'principal', target: account.id, name: account.name, ownerId: null }
}

async function findRole({ db, lockables }: Deps, text: string): Promise<Subject> {
  if (roles.some((role) => role === text)) return { kind: 'role', target: text, name: text, ownerId: null }
  const found = await lockables.role(db, text)
  if (found === null)
    throw invalidField('role', `${roles.join(', ')}, a secret role, or an account of a host such as deploy@db-1`)
  return { ...lockedRole(found.role, found.hostId), name: found.role, ownerId: null }
}

async function findApproval({ db, clock }: Deps, id: string) {
  const row = await selectApproval(db, { id, now: clock.now() })
  return row === null ? null : { id: row.id, name: row.action, ownerId: row.requester_id }
}
