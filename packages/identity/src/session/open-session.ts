import type { Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { CallFacts } from '@gatehouse/enforcement'
import { sessionAbsoluteSeconds } from '../config.ts'
import type { HandlerDeps } from '../deps.ts'
import { rememberDevice } from '../known-device/known-device.ts'
import { issueAccessToken } from '../tokens/issue-access-token.ts'
import { createRefreshToken } from '../tokens/refresh-token.ts'
import { insertRefreshToken, insertSession, selectGrants, type SessionRow } from './session.queries.ts'

export type SessionTokens = Output<'auth.refresh'>['tokens']

/** How much of a browser's or client's name is kept; the rest says nothing to a person. */
const userAgentCharactersMax = 200

/** Who has lost his authenticator needs this long to enrol the next one, with the app to install. */
const recoverySeconds = 10 * 60

/** What a session may be opened with. A backup code is a second factor, but never a fresh one. */
export type LoginMethod = 'password' | 'totp' | 'backupCode'

export interface OpenedSession {
  readonly sessionId: string
  readonly tokens: SessionTokens
}

/** Opens a session for somebody who has just proved who he is. INVARIANT: the only place where a session is made. */
export async function openSession(tx: Transaction, deps: HandlerDeps, proved: { userId: string; methods: readonly LoginMethod[]; call: CallFacts }): Promise<OpenedSession> {
  const now = deps.clock.now()
  const recovered = proved.methods.includes('backupCode')
  const strong = proved.methods.includes('totp')
  const session = {
    id: deps.random.id(), user_id: proved.userId, assurance: strong || recovered ? 'mfa' as const : 'pw' as const, methods: [...proved.methods],
    auth_time: now, proved_at: strong ? now : null, recovery_until: recovered ? new Date(now.getTime() + recoverySeconds * 1000) : null, created_at: now, last_used_at: now, expires_at: new Date(now.getTime() + sessionAbsoluteSeconds * 1000),
    address: proved.call.address, user_agent: proved.call.userAgent.slice(0, userAgentCharactersMax), revoked_at: null, revoke_reason: null,
  }
  await insertSession(tx, session)
  const { tokens } = await giveTokens(tx, deps, session)
  const deviceToken = await rememberDevice(tx, deps, { userId: proved.userId, sessionId: session.id, assurance: session.assurance, device: proved.call.device })
  return { sessionId: session.id, tokens: { ...tokens, ...(deviceToken === null ? {} : { deviceToken }) } }
}

/** A new access token and the family's next refresh token. */
export async function giveTokens(tx: Transaction, deps: HandlerDeps, session: Pick<SessionRow, 'id' | 'user_id' | 'assurance' | 'methods' | 'auth_time' | 'expires_at'>): Promise<{ tokens: SessionTokens; refreshId: string }> {
  const now = deps.clock.now()
  const refresh = createRefreshToken(deps.random)
  const refreshId = deps.random.id()
  const expiresAt = new Date(Math.min(now.getTime() + deps.config.jwt.refreshTokenTtlSeconds * 1000, session.expires_at.getTime()))
  await insertRefreshToken(tx, { id: refreshId, sessionId: session.id, hash: refresh.hash, issuedAt: now, expiresAt })
  const grants = await selectGrants(tx, session.user_id)
  const access = await issueAccessToken(deps, {
    userId: session.user_id, sessionId: session.id, assurance: session.assurance, methods: session.methods, authTime: session.auth_time, ...grants,
  })
  return { tokens: { accessToken: access.accessToken, refreshToken: refresh.token, accessExpiresAt: access.accessExpiresAt }, refreshId }
}
