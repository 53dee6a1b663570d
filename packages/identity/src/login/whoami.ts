import { Refusal, type Output } from '@gatehouse/contract'
import { assuranceOf, type Handler, type ServicePrincipal, type UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'

type WhoAmI = Output<'auth.whoami'>

/** Says who calls, how strongly that is proved, and what they still have to do. */
export const whoami =
  ({ clock, config }: HandlerDeps): Handler<'auth.whoami'> =>
  (permit) => {
    const { principal } = permit
    if (principal.type === 'Anonymous') throw new Refusal('unauthenticated')
    return Promise.resolve(
      principal.type === 'User'
        ? describeUser(principal, clock.now(), config.mfa.stepUpMaxAgeSeconds)
        : describeService(principal),
    )
  }

/** A user as `auth.whoami` tells of them. */
export function describeUser(user: UserPrincipal, now: Date, stepUpMaxAgeSeconds: number): WhoAmI {
  const assurance = assuranceOf(user, now, stepUpMaxAgeSeconds)
  const { session } = user
  return {
    id: user.id,
    username: user.username,
    displayName: user.displayName,
    roles: [...user.roles],
    teams: user.teams.map(({ name }) => name),
    assurance: assurance === 'none' ? 'pw' : assurance,
    assuranceAt: user.apiToken === undefined ? (session.provedAt ?? session.authTime) : null,
    sessionId: user.apiToken === undefined ? session.id : null,
    sessionExpiresAt: session.expiresAt,
    sessionIdleExpiresAt: session.idleExpiresAt ?? session.expiresAt,
    missing: [...user.missing],
  }
}

const describeService = (service: ServicePrincipal): WhoAmI => ({
  id: service.id,
  username: service.name,
  displayName: service.name,
  roles: [],
  teams: (service.teams ?? []).map(({ name }) => name),
  assurance: service.bound ? 'mfa' : 'pw',
  assuranceAt: null,
  sessionId: null,
  sessionExpiresAt: service.apiToken?.expiresAt ?? null,
  sessionIdleExpiresAt: null,
  missing: [],
})
