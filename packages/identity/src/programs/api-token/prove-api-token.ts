import { Refusal, type CredentialEnd } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { ApiTokenFacts, Clock, UserPrincipal } from '@gatehouse/enforcement'
import { missingOf } from '../../settings/missing-steps.ts'
import { isBound } from './api-token.queries.ts'
import { apiTokenHash } from './api-token-text.ts'
import { selectTokenCaller, selectTokenEnd, touchToken, type TokenCallerRow } from './prove-api-token.queries.ts'
import { addressAdmitted } from './source-addresses.ts'
import { ended } from '../../shared/ended.ts'
import type { CallOrigin, TokenCaller, ApiTokenProver } from '../../shared/ports.ts'
import type { SettingsInForce } from '../../shared/settings.ts'

/** A token's last use is kept to the minute: one write per minute and token, not one per request. */
const touchSeconds = 60

/** Proves callers by API token: form and checksum from the text, all else from one query. */
export function createApiTokenProver({
  db,
  clock,
  settings,
}: {
  readonly db: Store
  readonly clock: Clock
  readonly settings: SettingsInForce
}): ApiTokenProver {
  // a stream proves its caller again without the token at hand
  const hashes = new WeakMap<TokenCaller, Buffer>()
  const touching = new Set<string>()

  const find = async (
    hash: Buffer | null,
    from: CallOrigin | 'wherever',
  ): Promise<{ row: TokenCallerRow; principal: TokenCaller }> => {
    if (hash === null) throw unauthenticated()
    const row = await selectTokenCaller(db, { hash, now: clock.now() })
    if (row === null) throw ended(from === 'wherever' ? null : await endOf(hash, from))
    if (from !== 'wherever' && !isUsableFrom(row, from)) throw unauthenticated()
    const principal = await principalOf(row, settings)
    hashes.set(principal, hash)
    return { row, principal }
  }

  /** Why a token is dead, for whoever shows it as it could be used. */
  const endOf = async (hash: Buffer, from: CallOrigin): Promise<CredentialEnd | null> => {
    const row = await selectTokenEnd(db, hash)
    if (row === null || !isUsableFrom(row, from)) return null
    if (row.revoked_at !== null) return 'token-revoked'
    if (clock.now() >= row.expires_at) return 'token-expired'
    return row.locked ? 'owner-locked' : 'owner-disabled'
  }

  const use = async (hash: Buffer | null, from: CallOrigin): Promise<TokenCaller> => {
    const { row, principal } = await find(hash, from)
    touch(row, from.address)
    return principal
  }

  const touch = ({ token_id: id, last_used_at }: TokenCallerRow, address: string): void => {
    const now = clock.now()
    const unlessSince = new Date(now.getTime() - touchSeconds * 1000)
    if (touching.has(id) || (last_used_at !== null && last_used_at >= unlessSince)) return
    touching.add(id)
    // not awaited: no request waits for a convenience, and a lost one is made up with the next
    void touchToken(db, { id, now, address, unlessSince })
      .catch(() => undefined)
      .finally(() => touching.delete(id))
  }

  return {
    prove: (token, from) => use(apiTokenHash(token), from),
    recheck: (principal, from) => use(hashes.get(principal) ?? null, from),
    inspect: async (token, from) => {
      const { row, principal } = await find(apiTokenHash(token), from)
      return { principal, issuedAt: row.created_at }
    },
  }
}

/**
 * From one of its addresses, and with the key that it is tied to; a token that is tied to none is a bearer's, and shown
 * as such.
 */
const isUsableFrom = (row: Pick<TokenCallerRow, 'source_addresses' | 'key_thumbprint'>, from: CallOrigin): boolean =>
  addressAdmitted(row.source_addresses, from.address) && row.key_thumbprint === from.keyThumbprint

async function principalOf(row: TokenCallerRow, settings: SettingsInForce): Promise<TokenCaller> {
  const apiToken: ApiTokenFacts = {
    id: row.token_id,
    scopes: row.scopes,
    expiresAt: row.expires_at,
    keyThumbprint: row.key_thumbprint,
  }
  if (row.account_id !== null)
    return Object.freeze({
      type: 'Service',
      id: row.account_id,
      name: row.account_name ?? '',
      bound: isBound(row),
      teams: row.teams,
      apiToken,
    })
  if (row.user_id === null) throw unauthenticated()
  return Object.freeze<UserPrincipal>({
    type: 'User',
    id: row.user_id,
    username: row.username ?? '',
    displayName: row.display_name ?? '',
    roles: row.roles,
    teams: row.teams,
    hasAuthenticator: row.has_authenticator,
    missing: missingOf(row, await settings.current()),
    tokenId: row.token_id,
    apiToken,
    session: {
      id: row.token_id,
      assurance: 'pw',
      provedAt: null,
      authTime: row.created_at,
      expiresAt: row.expires_at,
      methods: ['apiToken'],
    },
  })
}

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
