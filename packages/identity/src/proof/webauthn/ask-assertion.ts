import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import type { HandlerDeps } from '../../shared/deps.ts'
import { ceremonySeconds, createChallenge, requestOptions } from './ceremony-options.ts'
import { areChallengesFull, insertChallenge } from './challenge.queries.ts'
import type { CredentialRow } from './credential.queries.ts'
import type { Ceremony } from './prove-assertion.ts'

/** Two tabs and a second try; the oldest goes. */
export const openCeremoniesMax = 3

/**
 * As many people as log in from one office within five minutes, each page asking once. More than the limit of calls
 * lets one address ask for anyway.
 */
const openPasskeyCeremoniesMax = 500

/**
 * All that may wait at once, whoever asked: some megabytes. Beyond it strangers are told to wait; log-in by password
 * goes on.
 */
const waitingMax = 50_000

export interface Asked {
  readonly id: string
  readonly options: PublicKeyCredentialRequestOptionsJSON
  readonly expiresAt: Date
}

/** Asks a known person for an assertion by one of `keys`. Run in the transaction that records it. */
export async function askAssertion(
  tx: Transaction,
  deps: HandlerDeps,
  asked: {
    ceremony: Ceremony
    userId: string
    keys: readonly CredentialRow[]
    userVerification: 'required' | 'discouraged'
  },
): Promise<Asked> {
  return ask(tx, deps, { ...asked, allow: asked.keys, openMax: openCeremoniesMax })
}

/**
 * Asks whoever is there for a passkey. Nothing of it says whether anybody has one. Throws `unavailable` when too many
 * are being asked.
 */
export async function askPasskey(tx: Transaction, deps: HandlerDeps, address: string): Promise<Asked> {
  if (await areChallengesFull(tx, { now: deps.clock.now(), max: waitingMax }))
    throw new Refusal('unavailable', { hint: 'too many log-ins are waiting; use your password, or wait a few minutes' })
  return ask(tx, deps, {
    ceremony: { purpose: 'passkey', boundTo: address },
    userId: null,
    allow: null,
    userVerification: 'required',
    openMax: openPasskeyCeremoniesMax,
  })
}

async function ask(
  tx: Transaction,
  { clock, random, config }: HandlerDeps,
  asked: {
    ceremony: Ceremony
    userId: string | null
    allow: readonly CredentialRow[] | null
    userVerification: 'required' | 'discouraged'
    openMax: number
  },
): Promise<Asked> {
  const now = clock.now()
  const { bytes, id } = createChallenge(random)
  const expiresAt = new Date(now.getTime() + ceremonySeconds * 1000)
  await insertChallenge(
    tx,
    {
      id,
      purpose: asked.ceremony.purpose,
      bound_to: asked.ceremony.boundTo,
      user_id: asked.userId,
      name: null,
      passkey: null,
      user_verification: asked.userVerification === 'required',
      created_at: now,
      expires_at: expiresAt,
    },
    asked.openMax,
  )
  return {
    id,
    options: await requestOptions(config, {
      challenge: bytes,
      allow: asked.allow,
      userVerification: asked.userVerification,
    }),
    expiresAt,
  }
}

/**
 * The keys that may be asked for: those that are not suspect, and where the user must be verified, those that can tell
 * them.
 */
export const usableKeys = (
  keys: readonly CredentialRow[],
  userVerification: 'required' | 'discouraged',
): CredentialRow[] =>
  keys.filter((key) => key.suspect_at === null && (userVerification === 'discouraged' || key.user_verified))
