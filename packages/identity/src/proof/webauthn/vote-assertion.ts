import { createHash } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { openCeremoniesMax, usableKeys } from './ask-assertion.ts'
import { ceremonySeconds, requestOptions } from './ceremony-options.ts'
import { parseAssertion } from './ceremony-response.ts'
import { claimChallenge, insertChallenge } from './challenge.queries.ts'
import { coseToJwk } from './cose-to-jwk.ts'
import { selectCredential, selectCredentials } from './credential.queries.ts'
import { judge, wrong, type KeyDeps } from './prove-assertion.ts'

/** What a person is asked to sign: the very statement, not a random number that stands for it. */
export interface VoteToAsk {
  readonly userId: string
  /** What the vote is on, and of which version: an answer for another is none. */
  readonly boundTo: string
  /** Canonical text. It holds something that nobody can guess, so no signature is good twice. */
  readonly statement: string
}

/** What is asked; null options: the person has no key that works. */
export interface AskedVote {
  readonly options: Readonly<Record<string, unknown>> | null
  readonly expiresAt: Date | null
}

/** A signed statement, with all that proves it to others. */
export interface SignedVote {
  readonly statement: string
  readonly evidence: VoteEvidence
  /** Uses the key, in the transaction that writes the vote. */
  readonly spend: (tx: Transaction) => Promise<void>
}

/** Whole, so that anybody can check it without this Gatehouse. */
export interface VoteEvidence {
  readonly assertion: AuthenticationResponseJSON
  readonly key: {
    readonly credentialId: string
    readonly jwk: Readonly<Record<string, unknown>>
    readonly aaguid: string
  }
  readonly rpId: string
  readonly origins: readonly string[]
}

/** Votes that keys sign: a ceremony whose challenge is the SHA-256 of what is said. */
export interface VoteKeys {
  ask(tx: Transaction, vote: VoteToAsk): Promise<AskedVote>
  /** Throws `invalid-input`, `rate-limited` or `invalid-credentials`. */
  check(
    person: { readonly userId: string; readonly username: string },
    given: { readonly boundTo: string; readonly assertion: Readonly<Record<string, unknown>> },
  ): Promise<SignedVote>
}

/** Opens it. */
export const createVoteKeys = (deps: KeyDeps): VoteKeys => ({
  ask: (tx, vote) => ask(tx, deps, vote),
  check: (person, given) => check(deps, person, given),
})

async function ask(tx: Transaction, deps: KeyDeps, { userId, boundTo, statement }: VoteToAsk): Promise<AskedVote> {
  const keys = usableKeys(await selectCredentials(tx, userId), 'discouraged')
  if (keys.length === 0) return { options: null, expiresAt: null }
  const now = deps.clock.now()
  const challenge = sha256(statement)
  const expiresAt = new Date(now.getTime() + ceremonySeconds * 1000)
  const row = {
    id: challenge.toString('base64url'),
    purpose: 'vote',
    bound_to: `${userId}:${boundTo}`,
    user_id: userId,
    name: statement,
    passkey: null,
    user_verification: false,
    created_at: now,
    expires_at: expiresAt,
  } as const
  await insertChallenge(tx, row, openCeremoniesMax)
  const options = await requestOptions(deps.config, {
    challenge: new Uint8Array(challenge),
    allow: keys,
    userVerification: 'discouraged',
  })
  return { options: { ...options }, expiresAt }
}

async function check(
  deps: KeyDeps,
  { userId, username }: { readonly userId: string; readonly username: string },
  { boundTo, assertion }: { readonly boundTo: string; readonly assertion: Readonly<Record<string, unknown>> },
): Promise<SignedVote> {
  const given = parseAssertion('assertion', assertion)
  await deps.throttle.claim('code', username)
  const challenge = await claimChallenge(deps.db, {
    id: given.client.challenge,
    purpose: 'vote',
    boundTo: `${userId}:${boundTo}`,
    now: deps.clock.now(),
  })
  const statement = challenge?.name ?? null
  if (challenge === null || statement === null || sha256(statement).toString('base64url') !== challenge.id)
    throw wrong()
  const credential = await selectCredential(deps.db, Buffer.from(given.response.id, 'base64url'))
  // another's key proves the other (threat A15)
  if (credential === null || credential.user_id !== userId) throw wrong()
  const { spend } = await judge(deps, { given, challenge, credential })
  const jwk = coseToJwk(credential.public_key)
  if (jwk === null) throw new Refusal('conflict', { hint: 'this key cannot sign votes; use another one' })
  const { webauthnRpId: rpId, webauthnOrigins: origins } = deps.config.mfa
  const key = { credentialId: credential.credential_id.toString('base64url'), jwk, aaguid: credential.aaguid }
  return { statement, evidence: { assertion: given.response, key, rpId, origins }, spend }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
