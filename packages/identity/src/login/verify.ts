import { Refusal, type Output } from '@gatehouse/contract'
import { apiTokenOf, nameOf, transitOf, type Handler, type Principal, type TransitFacts } from '@gatehouse/enforcement'
import { looksLikeApiToken } from '../programs/api-token/api-token-text.ts'
import type { HandlerDeps } from '../shared/deps.ts'
import { findRefresh } from '../session/find-refresh.ts'
import { refreshTokenHash } from '../tokens/refresh-token.ts'
import type { CallOrigin } from '../shared/ports.ts'

type Verification = Output<'auth.verify'>

/**
 * Says what a token is worth now (RFC 7662). Whoever holds a token may ask; of one that is not good nothing is said but
 * that.
 */
export const verify =
  (deps: HandlerDeps): Handler<'auth.verify'> =>
  async (permit) => {
    const token = permit.input.token.expose()
    const transit = transitOf(permit.principal)
    const hash = refreshTokenHash(token)
    // a program that policy lets ask does so for a request that came to it from elsewhere; others learn what a token is
    // worth to them
    const from =
      permit.principal.type === 'Service'
        ? ('wherever' as const)
        : { address: permit.call.address, keyThumbprint: null }
    const verifyLogin = () => (hash === null ? verifyAccess(deps, token) : verifyRefresh(deps, hash))
    const verifyOther = () => (looksLikeApiToken(token) ? verifyApiToken(deps, token, from) : verifyLogin())
    // who came with a token for Vault's clients asks of that one, which has just been proved
    const found = transit === null ? await verifyOther() : transitVerification(permit.principal, transit)
    return deps.change(
      permit,
      () => Promise.resolve(found ?? { active: false }),
      ({ active, sid }) => ({ detail: { active, session: sid ?? null } }),
    )
  }

async function verifyAccess({ authenticator }: HandlerDeps, token: string): Promise<Verification | null> {
  try {
    const { claims, principal } = await authenticator.inspect(token)
    const { iss, sub, jti, sid, iat, nbf, exp, auth_time, acr, amr, cnf } = claims
    const aud = typeof claims.aud === 'string' ? [claims.aud] : claims.aud
    return {
      active: true,
      token_type: cnf === undefined ? 'Bearer' : 'DPoP',
      username: principal.username,
      iss,
      sub,
      aud,
      jti,
      sid,
      iat,
      nbf,
      exp,
      auth_time,
      acr,
      amr,
      ...(cnf === undefined ? {} : { cnf }),
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unauthenticated') return null
    throw error
  }
}

async function verifyApiToken(
  { authenticator }: HandlerDeps,
  token: string,
  from: CallOrigin | 'wherever',
): Promise<Verification | null> {
  try {
    const { principal, issuedAt } = await authenticator.inspectApiToken(token, from)
    const facts = apiTokenOf(principal)
    if (facts === null) return null
    const name = nameOf(principal) ?? principal.id
    return {
      active: true,
      token_type: 'Bearer',
      scope: facts.scopes.join(' '),
      sub: principal.id,
      jti: facts.id,
      iat: seconds(issuedAt),
      exp: seconds(facts.expiresAt),
      acr: 'pw',
      ...(principal.type === 'User' ? { username: name } : { client_id: name }),
    }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unauthenticated') return null
    throw error
  }
}

const transitVerification = (principal: Principal, { keys, expiresAt }: TransitFacts): Verification => ({
  active: true,
  token_type: 'Bearer',
  scope: keys.join(' '),
  sub: principal.id,
  exp: seconds(expiresAt),
  username: nameOf(principal) ?? principal.id,
})

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000)

async function verifyRefresh(deps: HandlerDeps, hash: Buffer): Promise<Verification | null> {
  const found = await findRefresh(deps, hash)
  if (found === null || found.used_at !== null) return null
  return { active: true, token_type: 'refresh_token', sub: found.session.user_id, sid: found.session.id, jti: found.id }
}
