import { createHash } from 'node:crypto'
import { invalidField, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Caller, CallFacts, Clock } from '@gatehouse/enforcement'
import type { IdentityConfig } from '../../shared/config.ts'
import { claimProof } from './dpop-proof.queries.ts'
import { proofSecondsMax, readProof, tokenHashOf, type ProofFacts } from './dpop-proof.ts'

export interface BindingDeps {
  readonly db: Store
  readonly clock: Clock
  readonly config: Pick<IdentityConfig, 'publicUrl'>
}

/**
 * The key that a caller proves to hold, in this request and for this token; null: it came as a bearer's. For every kind
 * of token; it writes,
 * so strangers' proofs cost an admitted call each. Throws `Refusal('unauthenticated')` for a proof that is missing or
 * not good.
 */
export async function shownKeyFor(
  { db, clock, config }: BindingDeps,
  { scheme = 'bearer', proof = null }: Caller,
  token: string,
): Promise<string | null> {
  if (scheme !== 'dpop') return null
  const now = clock.now()
  const shown = proof === null ? null : readProof(proof, { publicUrl: config.publicUrl, now })
  if (shown === null || proof === null || shown.tokenHash !== tokenHashOf(token)) throw unauthenticated()
  if (!(await claimShown(db, { shown, requestId: proof.requestId, now }))) throw unauthenticated()
  return shown.thumbprint
}

/**
 * Demands that a token is shown as it was given: one that is bound to a key with a proof of that key, one that is not
 * as a bearer's. Throws `Refusal('unauthenticated')`.
 */
export async function requireBinding(
  deps: BindingDeps,
  caller: Caller,
  bound: { readonly token: string; readonly thumbprint: string | null },
): Promise<void> {
  if (
    (bound.thumbprint === null) !== (caller.scheme !== 'dpop') ||
    (await shownKeyFor(deps, caller, bound.token)) !== bound.thumbprint
  )
    throw unauthenticated()
}

/**
 * The key that a call which gives out tokens shows, so that they are bound to it; null: it shows none, and they will be
 * a bearer's.
 * Whoever shows a proof wants it to count: one that is not good is refused as `invalid-input` on `DPoP`, never passed
 * over.
 */
export async function shownKey(
  tx: Store,
  { clock, config }: Omit<BindingDeps, 'db'>,
  { proof = null }: CallFacts,
): Promise<string | null> {
  if (proof === null) return null
  const now = clock.now()
  const shown = readProof(proof, { publicUrl: config.publicUrl, now })
  if (shown === null || !(await claimShown(tx, { shown, requestId: proof.requestId, now })))
    throw invalidField(
      'DPoP',
      `a fresh proof for this method and URL, made in the last ${proofSecondsMax} seconds and not shown before`,
    )
  return shown.thumbprint
}

/** A batch is one request: its calls may show its one proof together. */
const claimShown = (
  db: Store,
  { shown, requestId, now }: { shown: ProofFacts; requestId: string; now: Date },
): Promise<boolean> =>
  claimProof(db, {
    hash: createHash('sha256').update(`${shown.thumbprint}.${shown.jti}`).digest(),
    requestId,
    now,
    expiresAt: new Date(shown.issuedAt.getTime() + (proofSecondsMax + 1) * 1000),
  })

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
