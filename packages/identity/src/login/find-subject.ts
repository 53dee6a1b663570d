import type { Store } from '@gatehouse/database'
import type { AskedSubject, Clock, ServicePrincipal, Subjects, UserPrincipal } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import { isBound } from '../programs/api-token/api-token.queries.ts'
import { absoluteEnd, hasEnded, idleEnd } from '../session/session-limits.ts'
import { missingOf } from '../settings/missing-steps.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import type { SettingsInForce } from '../shared/settings.ts'
import { callerLookup } from './authenticate.queries.ts'
import {
  selectCallersAfter,
  selectPeople,
  selectPerson,
  selectProgram,
  selectPrograms,
  type PersonRow,
  type ProgramRow,
} from './find-subject.queries.ts'

export interface SubjectsDeps {
  readonly db: Store
  readonly clock: Clock
  readonly settings: SettingsInForce
}

/** No token stands behind a question about somebody; this one was never given out, and so was never revoked. */
const noToken = '00000000-0000-0000-0000-000000000000'

/** Finds whom others ask about, by the rows alone: nothing is believed that the question says of them. */
export function createSubjects(deps: SubjectsDeps): Subjects {
  const findCaller = callerLookup(deps.db)

  const inSession = async (person: PersonRow, sessionId: string): Promise<UserPrincipal['session'] | null> => {
    if (!isUuid(sessionId)) return null
    const now = deps.clock.now()
    const row = await findCaller({ sessionId, userId: person.id, tokenId: noToken, now })
    if (row === null) return null
    const limits = limitsOfRoles(await deps.settings.current(), row.roles)
    if (hasEnded(row, limits, now)) return null
    return {
      id: row.session_id,
      assurance: row.assurance,
      provedAt: row.proved_at,
      authTime: row.auth_time,
      expiresAt: absoluteEnd(row, limits),
      idleExpiresAt: idleEnd(row, limits),
      methods: row.methods,
      recoveryUntil: row.recovery_until,
    }
  }

  const person = async ({ reference, sessionId }: AskedSubject): Promise<UserPrincipal | null> => {
    const row = await selectPerson(deps.db, reference)
    if (row === null) return null
    const session = sessionId === null ? withoutSession(deps.clock.now()) : await inSession(row, sessionId)
    if (session === null) return null
    return personOf(row, session, await deps.settings.current())
  }

  const program = async ({ reference }: AskedSubject): Promise<ServicePrincipal | null> => {
    const row = await selectProgram(deps.db, { reference, now: deps.clock.now() })
    return row === null ? null : programOf(row)
  }

  return {
    find: (asked) => (asked.type === 'User' ? person(asked) : program(asked)),
    listAfter: async (asked) => {
      const now = deps.clock.now()
      const callers = await selectCallersAfter(deps.db, asked)
      const idsOf = (wanted: 'User' | 'Service'): string[] =>
        callers.filter(({ type }) => type === wanted).map(({ id }) => id)
      const settings = await deps.settings.current()
      const people = await selectPeople(deps.db, idsOf('User'))
      const programs = await selectPrograms(deps.db, { ids: idsOf('Service'), now })
      const found = new Map<string, UserPrincipal | ServicePrincipal>([
        ...people.map((row) => [row.id, personOf(row, withoutSession(now), settings)] as const),
        ...programs.map((row) => [row.id, programOf(row)] as const),
      ])
      return callers.flatMap(({ id }) => found.get(id) ?? [])
    },
  }
}

const personOf = (
  row: PersonRow,
  session: UserPrincipal['session'],
  settings: Awaited<ReturnType<SettingsInForce['current']>>,
): UserPrincipal => ({
  type: 'User',
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  roles: row.roles,
  teams: row.teams,
  hasAuthenticator: row.has_authenticator,
  missing: missingOf(row, settings),
  tokenId: '',
  session,
})

/** By which of its tokens it calls nobody has said, so that each has to be bound. */
const programOf = ({ id, name, teams, tokens }: ProgramRow): ServicePrincipal => ({
  type: 'Service',
  id,
  name,
  teams,
  bound: tokens.length > 0 && tokens.every(isBound),
})

/** Somebody of whom nobody has said in which session they call: a password at most, whatever they have proved here. */
const withoutSession = (now: Date): UserPrincipal['session'] => ({
  id: '',
  assurance: 'pw',
  provedAt: null,
  authTime: now,
  expiresAt: now,
  methods: [],
})
