import { createHash } from 'node:crypto'
import { invalidField, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Caller, CallFacts, Clock } from '@gatehouse/enforcement'
import type { IdentityConfig } from '../config.ts'
import { claimProof } from './dpop-proof.queries.ts'
import { proofSecondsMax, readProof, tokenHashOf, type ProofFacts } from './dpop-proof.ts'

export interface BindingDeps {
  readonly db: Store
  readonly clock: Clock
  readonly config: Pick<IdentityConfig, 'publicUrl'>
}

/**
 * Demands that a token is shown as it was given: one that is bound to a key with a proof of that key for this token and this request,
 * one that is not as a bearer's. For every kind of token; call it once the token itself is known to be good, since it writes.
 * Throws `Refusal('unauthenticated')`.
 */
export async function requireBinding(deps: BindingDeps, caller: Caller, bound: { readonly token: string; readonly thumbprint: string | null }): Promise<void> {
  const { scheme = 'bearer', proof = null } = caller
  if (bound.thumbprint === null) {
    if (scheme === 'dpop') throw unauthenticated()
    return
  }
  const now = deps.clock.now()
  const shown = scheme !== 'dpop' || proof === null ? null : readProof(proof, { publicUrl: deps.config.publicUrl, now })
  if (shown === null || proof === null || shown.thumbprint !== bound.thumbprint || shown.tokenHash !== tokenHashOf(bound.token)) throw unauthenticated()
  if (!await claimShown(deps.db, { shown, requestId: proof.requestId, now })) throw unauthenticated()
}

/**
 * The key that a call which gives out tokens shows, so that they are bound to it; null: it shows none, and they will be a bearer's.
 * Whoever shows a proof wants it to count: one that is not good is refused as `invalid-input` on `DPoP`, never passed over.
 */
export async function shownKey(tx: Store, { clock, config }: Omit<BindingDeps, 'db'>, { proof = null }: CallFacts): Promise<string | null> {
  if (proof === null) return null
  const now = clock.now()
  const shown = readProof(proof, { publicUrl: config.publicUrl, now })
  if (shown === null || !await claimShown(tx, { shown, requestId: proof.requestId, now })) throw invalidField('DPoP', `a fresh proof for this method and URL, made in the last ${proofSecondsMax} seconds and not shown before`)
  return shown.thumbprint
}

/** A batch is one request: its calls may show its one proof together. */
const claimShown = (db: Store, { shown, requestId, now }: { shown: ProofFacts; requestId: string; now: Date }): Promise<boolean> => claimProof(db, {
  hash: createHash('sha256').update(`${shown.thumbprint}.${shown.jti}`).digest(), requestId, now,
  expiresAt: new Date(shown.issuedAt.getTime() + (proofSecondsMax + 1) * 1000),
})

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
