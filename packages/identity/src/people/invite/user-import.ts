import { canonicalName, Refusal, userNameRule, type FieldProblem } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import type { HandlerDeps } from '../../shared/deps.ts'
import { foreignHashProblem } from '../../proof/password/foreign-hash.ts'
import { selectTeamIds } from '../../directory/team.queries.ts'
import { describeUserRow, insertUser, requireUser, type UserRow } from '../../directory/user.queries.ts'
import { selectTakenNames } from '../../directory/invitation.queries.ts'
import { noteGifts } from '../../directory/gift.queries.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { tellOfAdmin } from '../user/tell-of-admin.ts'

type ImportedUser = Parameters<Handler<'user.import'>>[0]['input']['users'][number]

/** As many as fit on a screen; who has more wrong rows has one thing wrong with all of them. */
const problemsMax = 20

/**
 * Brings people in with the hashes they have. All of them or none; everything that is wrong is told at once, row by
 * row.
 */
export const userImport =
  (deps: HandlerDeps): Handler<'user.import'> =>
  async (permit) => {
    const { users } = permit.input
    const rows = await deps.change(
      permit,
      async (tx) => {
        const known = await knownOf(tx, users)
        refuse([...users.flatMap((user, index) => problemsOf(user, index, known)), ...repeatedNames(users)])
        const added = await insertAll(tx, deps, { users, known, giverId: callingUser(permit).id })
        for (const [index, { id, username }] of added.entries())
          await tellOfAdmin(tx, deps, { permit, userId: id, username, role: users[index]?.role ?? 'Admin' })
        return added
      },
      (added) => ({ detail: { imported: added.length, users: added.map(({ id }) => id) } }),
    )
    return { imported: rows.length, users: rows.map(describeUserRow) }
  }

/** What is there already, as far as these rows speak of it. */
interface Known {
  readonly names: ReadonlySet<string>
  /** Ids of teams, by id and by name. */
  readonly teams: ReadonlyMap<string, string>
}

async function knownOf(db: Store, users: readonly ImportedUser[]): Promise<Known> {
  const names = await selectTakenNames(
    db,
    users.flatMap(({ username }) => canonicalName(username) ?? []),
  )
  const teams = await selectTeamIds(db, [...new Set(users.flatMap((user) => user.teams))].map(referenceOf))
  return {
    names,
    teams: new Map(
      teams.flatMap(
        ({ id, name }) =>
          [
            [id, id],
            [name, id],
          ] as const,
      ),
    ),
  }
}

const nameProblem = (username: string, { names }: Known): string | null => {
  const name = canonicalName(username)
  if (name === null) return userNameRule
  return names.has(name) ? 'another name; this one is taken' : null
}

function problemsOf({ username, teams, passwordHash }: ImportedUser, index: number, known: Known): FieldProblem[] {
  const unknownTeam = teams.find((team) => !known.teams.has(team))
  const found: Readonly<Record<string, string | null>> = {
    username: nameProblem(username, known),
    teams: unknownTeam === undefined ? null : `teams that exist; there is no \`${unknownTeam}\``,
    passwordHash: foreignHashProblem(passwordHash.expose()),
  }
  return Object.entries(found).flatMap(([field, message]) =>
    message === null ? [] : [{ path: `users.${index}.${field}`, message }],
  )
}

/** Two spellings of one name are one name. */
function repeatedNames(users: readonly ImportedUser[]): FieldProblem[] {
  const firstAt = new Map<string, number>()
  return users.flatMap(({ username }, index) => {
    const name = canonicalName(username)
    if (name === null) return []
    const first = firstAt.get(name)
    if (first === undefined) firstAt.set(name, index)
    return first === undefined
      ? []
      : [{ path: `users.${index}.username`, message: `each name once; users.${first} has it` }]
  })
}

function refuse(fields: readonly FieldProblem[]): void {
  if (fields.length > 0)
    throw new Refusal('invalid-input', {
      fields: fields.toSorted((one, other) => rowOf(one) - rowOf(other)).slice(0, problemsMax),
    })
}

const rowOf = ({ path }: FieldProblem): number => Number(path.split('.')[1])

async function insertAll(
  tx: Transaction,
  { random, clock }: HandlerDeps,
  { users, known, giverId }: { users: readonly ImportedUser[]; known: Known; giverId: string },
): Promise<UserRow[]> {
  const rows: UserRow[] = []
  for (const [index, { username, displayName, email, role, teams, passwordHash }] of users.entries()) {
    const id = random.id()
    const name = canonicalName(username) ?? ''
    const teamIds = [...new Set(teams.flatMap((team) => known.teams.get(team) ?? []))]
    // the person knows the password and keeps it; it is stored by our own algorithm once they have typed it
    const added = await insertUser(tx, {
      id,
      username: name,
      displayName: displayName ?? name,
      email: email ?? null,
      passwordHash: passwordHash.expose(),
      mustChangePassword: false,
      role,
      teamIds,
      now: clock.now(),
    })
    if (!added)
      throw new Refusal('conflict', {
        fields: [{ path: `users.${index}.username`, message: 'another name; this one was taken at this moment' }],
      })
    await noteGifts(tx, { userId: id, giverId, gifts: [{ what: 'account' }], now: clock.now() })
    rows.push(await requireUser(tx, id))
  }
  return rows
}
