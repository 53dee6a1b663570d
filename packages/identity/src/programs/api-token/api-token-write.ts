import { invalidField, Refusal, type Input } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { scopeProblem, uid, type Handler, type Permit, type TokenBearer } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { holdActiveAccount } from '../service-account/service-account.queries.ts'
import { holdLiveSession } from '../../session/session.queries.ts'
import {
  countLiveTokens,
  describeToken,
  insertToken,
  revokeApiToken,
  selectToken,
  type ApiTokenRow,
} from './api-token.queries.ts'
import { createApiToken, type NewApiToken } from './api-token-text.ts'
import { canonicalCidrs } from './source-addresses.ts'

/** More good tokens than this no one owner can tell apart; who needs another ends one first. */
const liveTokensMax = 100

/** Makes an API token for the caller's own scripts, or for a program. Its text leaves once, with this answer. */
export const apiTokenCreate =
  (deps: HandlerDeps): Handler<'apiToken.create'> =>
  async (permit) => {
    requireScopes(permit.input)
    const sourceAddresses = canonicalCidrs(permit.input.sourceAddresses)
    const made = createApiToken(deps.random, permit.input.serviceAccount === undefined ? 'User' : 'Service')
    const id = deps.random.id()
    const row = await deps.change(
      permit,
      (tx) => writeToken(tx, deps, { permit, id, made, sourceAddresses }),
      (written) => ({
        resource: uid('ApiToken', id),
        detail: { owner: written.user_id ?? written.account_id, expiresAt: written.expires_at.toISOString() },
      }),
    )
    return { ...describeToken(row, deps.clock.now()), token: made.token }
  }

/** A scope that the token could never use would only be found out when the script runs at night. */
function requireScopes(asked: Input<'apiToken.create'>): void {
  const bearer: TokenBearer = {
    type: asked.serviceAccount === undefined ? 'User' : 'Service',
    bound: asked.sourceAddresses.length > 0 || asked.keyThumbprint !== undefined,
  }
  const problem = asked.scopes.map((scope) => scopeProblem(scope, bearer)).find((text) => text !== null)
  if (problem !== undefined && problem !== null) throw invalidField('scopes', problem)
}

interface Writing {
  readonly permit: Permit<'apiToken.create'>
  readonly id: string
  readonly made: NewApiToken
  readonly sourceAddresses: readonly string[]
}

async function writeToken(
  tx: Transaction,
  deps: HandlerDeps,
  { permit, id, made, sourceAddresses }: Writing,
): Promise<ApiTokenRow> {
  const { name, purpose, scopes, ttlSeconds, keyThumbprint, serviceAccount } = permit.input
  const user = callingUser(permit)
  const now = deps.clock.now()
  // a call that was admitted a moment before its session was ended must not leave a token behind (threat A12)
  if (!(await holdLiveSession(tx, { id: user.session.id, now }))) throw new Refusal('unauthenticated')
  const accountId = serviceAccount === undefined ? null : await holdActiveAccount(tx, serviceAccount)
  const owner = { userId: accountId === null ? user.id : null, accountId }
  if ((await countLiveTokens(tx, { ...owner, now })) >= liveTokensMax)
    throw new Refusal('conflict', { hint: `there are ${liveTokensMax} good tokens already; revoke one first` })
  const expiresAt = new Date(now.getTime() + ttlSeconds * 1000)
  await insertToken(tx, {
    ...owner,
    id,
    name,
    hash: made.hash,
    hint: made.hint,
    purpose,
    scopes: [...new Set(scopes)],
    sourceAddresses,
    keyThumbprint: keyThumbprint ?? null,
    createdBy: user.id,
    now,
    expiresAt,
  })
  await notify(tx, deps, {
    userId: user.id,
    kind: 'apiTokenCreated',
    text:
      `The API token "${name}" was made from your session${accountId === null ? '' : ' for a program'}. If it ` +
      `was not you, revoke it and change your password.`,
  })
  return requireToken(tx, id)
}

/** Ends a token on every node. Ending it again changes nothing. */
export const apiTokenRevoke =
  ({ change, clock }: HandlerDeps): Handler<'apiToken.revoke'> =>
  async (permit) => {
    const id = resourceId(permit)
    const now = clock.now()
    const { row } = await change(
      permit,
      async (tx) => ({
        revoked: await revokeApiToken(tx, { id, now, reason: permit.input.reason }),
        row: await requireToken(tx, id),
      }),
      ({ revoked }) => ({ detail: { revoked } }),
    )
    return describeToken(row, now)
  }

async function requireToken(tx: Transaction, id: string): Promise<ApiTokenRow> {
  const row = await selectToken(tx, id)
  if (row === null) throw new Refusal('not-found')
  return row
}
