import type { Testimony } from './secret-backend.ts'

/** Where asking about one lease stands. */
export type ProofState = 'waiting' | 'refused' | 'ended' | 'given-up' | 'not-provable'

/** What is known when an answer has come. */
export interface AskedProof {
  /** How often it was asked, this time included. */
  readonly attempts: number
  /** When somebody wanted the credential dead. */
  readonly revokedAt: Date
  /** When the credential dies by itself. */
  readonly expiresAt: Date
}

/** What a lease's proof is from now on. */
export type ProofStep =
  | { readonly state: 'refused'; readonly secondsToDead: number }
  | { readonly state: 'waiting'; readonly dueAt: Date }
  | { readonly state: 'ended' | 'given-up' | 'not-provable' }

/** A list that hosts fetch each minute is there within the first pauses; who does not answer is asked for hours. */
const pauseSeconds = [2, 5, 10, 20, 30, 60, 60, 60, 120, 300] as const

/** With the pauses above a little over a day: a credential that lives longer than that is a person's to look at. */
const attemptsMax = 300

/**
 * One step. What came back is the answer, or null where nobody answered. A credential whose own end has come is asked
 * about no more: a refusal would say nothing of the revocation.
 */
export function afterAsking(
  proof: AskedProof,
  testimony: Pick<Testimony, 'dead' | 'never'> | null,
  now: Date,
): ProofStep {
  if (testimony?.dead === true)
    return { state: 'refused', secondsToDead: Math.max(0, (now.getTime() - proof.revokedAt.getTime()) / 1000) }
  if (testimony?.never === true) return { state: 'not-provable' }
  if (now >= proof.expiresAt) return { state: 'ended' }
  if (proof.attempts >= attemptsMax) return { state: 'given-up' }
  return { state: 'waiting', dueAt: new Date(now.getTime() + pauseAfter(proof.attempts) * 1000) }
}

/** How long to wait after so many questions. */
export const pauseAfter = (attempts: number): number =>
  pauseSeconds[Math.min(Math.max(attempts, 1), pauseSeconds.length) - 1] ?? 300
