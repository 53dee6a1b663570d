import type { Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { CallFacts } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { shownKey } from '../tokens/dpop/key-binding.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import { notify } from '../notices/notice.queries.ts'
import { rememberDevice } from './known-device.ts'
import { issueAccessToken } from '../tokens/issue-access-token.ts'
import { createRefreshToken } from '../tokens/refresh-token.ts'
import { isPersonLocked } from '../directory/lock.queries.ts'
import { ended } from '../shared/ended.ts'
import { noticeOfNewPlace } from './new-place.ts'
import {
  insertRefreshToken,
  insertSession,
  selectGrants,
  selectKeyThumbprint,
  type SessionRow,
} from './session.queries.ts'

export type SessionTokens = Output<'auth.refresh'>['tokens']

/** How much of a browser's or client's name is kept; the rest says nothing to a person. */
const userAgentCharactersMax = 200

/** Who has lost their authenticator needs this long to enrol the next one, with the app to install. */
const recoverySeconds = 10 * 60

/** What a session may be opened with. A backup code is a second factor, but never a fresh one. */
export type LoginMethod = 'password' | 'totp' | 'webauthn' | 'passkey' | 'backupCode'

/** What proves a second factor freshly; a passkey is both factors at once. */
const strongMethods: ReadonlySet<LoginMethod> = new Set(['totp', 'webauthn', 'passkey'])

export interface OpenedSession {
  readonly sessionId: string
  readonly tokens: SessionTokens
}

/**
 * Opens a session for somebody who has just proved who they are. INVARIANT: this file is the only place where a session
 * is made.
 */
export async function openSession(
  tx: Transaction,
  deps: HandlerDeps,
  proved: { userId: string; methods: readonly LoginMethod[]; call: CallFacts },
): Promise<OpenedSession> {
  const now = deps.clock.now()
  const recovered = proved.methods.includes('backupCode')
  const strong = proved.methods.some((method) => strongMethods.has(method))
  const assurance = strong || recovered ? 'mfa' : 'pw'
  const opened = await begin(tx, deps, {
    userId: proved.userId,
    assurance,
    methods: proved.methods,
    authTime: now,
    endsBy: null,
    provedAt: strong ? now : null,
    recoveryUntil: recovered ? new Date(now.getTime() + recoverySeconds * 1000) : null,
    call: proved.call,
  })
  // only here: a device that was let in by an approval elsewhere has proved nothing itself
  const deviceToken = await rememberDevice(tx, deps, {
    userId: proved.userId,
    sessionId: opened.sessionId,
    assurance,
    device: proved.call.device,
  })
  return deviceToken === null ? opened : { ...opened, tokens: { ...opened.tokens, deviceToken } }
}

/**
 * Opens a session for a device, on the word of a session of the same person. It is as strong as that one, but no factor
 * was proved in it,
 * so what needs a fresh proof asks for one; and it ends no later, so a chain of approvals is no way around the absolute
 * limit.
 */
export function openApprovedSession(
  tx: Transaction,
  deps: HandlerDeps,
  { approver, call }: { approver: Approver; call: CallFacts },
): Promise<OpenedSession> {
  return begin(tx, deps, {
    userId: approver.user_id,
    assurance: approver.assurance,
    methods: [...approver.methods.filter((method) => method !== 'device'), 'device'],
    authTime: approver.auth_time,
    endsBy: approver.expires_at,
    provedAt: null,
    // the right to add an authenticator stays where the backup code was spent
    recoveryUntil: approver.recovery_until === null ? null : deps.clock.now(),
    call,
  })
}

type Approver = Pick<SessionRow, 'user_id' | 'assurance' | 'methods' | 'auth_time' | 'expires_at' | 'recovery_until'>

interface Beginning {
  readonly userId: string
  readonly assurance: 'pw' | 'mfa'
  readonly methods: readonly string[]
  readonly authTime: Date
  readonly endsBy: Date | null
  readonly provedAt: Date | null
  readonly recoveryUntil: Date | null
  readonly call: CallFacts
}

async function begin(tx: Transaction, deps: HandlerDeps, given: Beginning): Promise<OpenedSession> {
  const now = deps.clock.now()
  // INVARIANT: whoever is locked comes in by no way; told to those alone who have just proved who they are
  if (await isPersonLocked(tx, given.userId)) throw ended('user-locked')
  const { roles } = await selectGrants(tx, given.userId)
  const { sessionAbsoluteSeconds } = limitsOfRoles(await deps.settings.within(tx), roles)
  const end = given.authTime.getTime() + sessionAbsoluteSeconds * 1000
  const session = {
    id: deps.random.id(),
    key_thumbprint: await shownKey(tx, deps, given.call),
    user_id: given.userId,
    assurance: given.assurance,
    methods: [...given.methods],
    auth_time: given.authTime,
    proved_at: given.provedAt,
    recovery_until: given.recoveryUntil,
    created_at: now,
    last_used_at: now,
    expires_at: new Date(Math.min(end, given.endsBy?.getTime() ?? end)),
    address: given.call.address,
    user_agent: given.call.userAgent.slice(0, userAgentCharactersMax),
    revoked_at: null,
    revoke_reason: null,
  }
  // looked at before this one is among them
  const notice = await noticeOfNewPlace(tx, session)
  await insertSession(tx, session)
  if (notice !== null) await notify(tx, deps, notice)
  const { tokens } = await giveTokens(tx, deps, session)
  return { sessionId: session.id, tokens }
}

/** New tokens, and what they are known by. */
export interface GivenTokens {
  readonly tokens: SessionTokens
  readonly refreshId: string
  /** The `jti` of the access token. */
  readonly accessId: string
}

/** A new access token and the family's next refresh token, living as long as the person's roles admit now. */
export async function giveTokens(
  tx: Transaction,
  deps: HandlerDeps,
  session: Pick<SessionRow, 'id' | 'user_id' | 'assurance' | 'methods' | 'auth_time' | 'expires_at'>,
): Promise<GivenTokens> {
  const now = deps.clock.now()
  const grants = await selectGrants(tx, session.user_id)
  const limits = limitsOfRoles(await deps.settings.within(tx), grants.roles)
  const refresh = createRefreshToken(deps.random)
  const refreshId = deps.random.id()
  const expiresAt = new Date(
    Math.min(now.getTime() + limits.refreshTokenTtlSeconds * 1000, session.expires_at.getTime()),
  )
  await insertRefreshToken(tx, { id: refreshId, sessionId: session.id, hash: refresh.hash, issuedAt: now, expiresAt })
  const keyThumbprint = await selectKeyThumbprint(tx, session.id)
  const { clock, random, config } = deps
  const key = await deps.keys.within(tx)
  const access = await issueAccessToken(
    { key, clock, random, config },
    {
      userId: session.user_id,
      sessionId: session.id,
      assurance: session.assurance,
      methods: session.methods,
      authTime: session.auth_time,
      ttlSeconds: limits.accessTokenTtlSeconds,
      keyThumbprint,
      ...grants,
    },
  )
  return {
    tokens: { accessToken: access.accessToken, refreshToken: refresh.token, accessExpiresAt: access.accessExpiresAt },
    refreshId,
    accessId: access.id,
  }
}
