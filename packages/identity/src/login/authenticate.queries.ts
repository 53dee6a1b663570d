import type { Role } from '@gatehouse/contract'
import { liveCallers, namedStatement, type Store } from '@gatehouse/database'
import { loadTogether } from '@gatehouse/kit'
import { CompiledQuery } from 'kysely'

/** All that a request needs to know of its caller, as it stands now. */
export interface CallerRow {
  readonly user_id: string
  readonly username: string
  readonly display_name: string
  readonly must_change_password: boolean
  readonly cut_off: Date | null
  readonly session_id: string
  readonly assurance: 'pw' | 'mfa'
  readonly methods: string[]
  readonly auth_time: Date
  readonly proved_at: Date | null
  readonly recovery_until: Date | null
  readonly last_used_at: Date
  readonly expires_at: Date
  readonly key_thumbprint: string | null
  readonly has_authenticator: boolean
  readonly roles: Role[]
  readonly teams: { readonly id: string; readonly name: string }[]
  /** The same while all of this is. */
  readonly version: string
}

/** Callers whom one statement looks up: as many as come while the one before it runs, on a busy node. */
const callersMax = 64

/** Parsed and planned once per connection: it runs at every request that changes something. */
const callersQuery = namedStatement('gatehouse-callers', liveCallers({ sessions: '$1', people: '$2', tokens: '$3' }))

export interface CallerKey {
  readonly sessionId: string
  readonly userId: string
  readonly tokenId: string
  readonly now: Date
}

/**
 * The caller behind a token, if session, user and token are all alive; the limits of the person's roles are for the
 * caller to look at. Each question is answered by a statement that began after it was asked, so a revocation holds on
 * every node at once. Those that come at the same time share one.
 */
export const callerLookup = (db: Store): ((key: CallerKey) => Promise<CallerRow | null>) =>
  loadTogether((keys) => selectCallers(db, keys), callersMax)

/** The callers behind tokens, in the order of the keys. Calls of one token at the same time are one look. */
async function selectCallers(db: Store, keys: readonly CallerKey[]): Promise<(CallerRow | null)[]> {
  const asked = [...new Map(keys.map((key) => [keyText(key), key])).values()]
  const { rows } = await db.executeQuery<FoundCaller>(
    CompiledQuery.raw(callersQuery, [
      asked.map(({ sessionId }) => sessionId),
      asked.map(({ userId }) => userId),
      asked.map(({ tokenId }) => tokenId),
    ]),
  )
  const found = new Map<string, CallerRow>()
  for (const { place, ...row } of rows) {
    const key = asked[Number(place) - 1]
    if (key !== undefined) found.set(keyText(key), withTeams(row))
  }
  return keys.map((key) => {
    const row = found.get(keyText(key))
    return row !== undefined && row.expires_at > key.now ? row : null
  })
}

/** A caller as the database says them: a team is its id, a space and its name. */
type FoundCaller = Omit<CallerRow, 'teams'> & { readonly place: string; readonly teams: readonly string[] }

function withTeams({ teams, ...row }: Omit<FoundCaller, 'place'>): CallerRow {
  const named = teams.map((text) => {
    const end = text.indexOf(' ')
    return { id: text.slice(0, end), name: text.slice(end + 1) }
  })
  return { ...row, teams: named.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

const keyText = ({ sessionId, userId, tokenId }: CallerKey): string => `${sessionId} ${userId} ${tokenId}`

/** Notes that a session is in use, unless that was noted since `unlessSince`. */
export async function touchSession(
  db: Store,
  { sessionId, now, unlessSince }: { sessionId: string; now: Date; unlessSince: Date },
): Promise<void> {
  await db
    .updateTable('session')
    .set({ last_used_at: now })
    .where('id', '=', sessionId)
    .where('last_used_at', '<', unlessSince)
    .execute()
}
